//! Where runs begin and end. `e` stands for one emit, `w` for an await.

use proc_macro2::{Ident, Span};
use syn::Block;

use super::plan;

/// Indices of the first and the last statement of each run.
fn runs(body: &str) -> Vec<(usize, usize)> {
    let block: Block = syn::parse_str(&format!("{{ {body} }}")).expect("a block");
    let tx = Ident::new("tx", Span::call_site());
    plan(&block, &tx).into_iter().map(|run| (*run.statements.start(), *run.statements.end())).collect()
}

#[track_caller]
fn check(body: &str, expected: &[(usize, usize)]) {
    assert_eq!(runs(body), expected, "{body}");
}

#[test]
fn a_run_reaches_from_its_first_emit_to_its_last() {
    check("let a = 1; emit!(a); let b = 2; emit!(b); let c = 3; Ok(c)", &[(1, 3)]);
    check("emit!(a); emit!(b)", &[(0, 1)]);
    check("emit!(a); w().await; emit!(b); emit!(c); w().await; emit!(d);", &[(2, 3)]);
    check("emit!(a); emit!(b); w().await; emit!(c); emit!(d);", &[(0, 1), (3, 4)]);
}

#[test]
fn a_lone_emit_needs_no_collector() {
    check("emit!(a);", &[]);
    check("emit!(..events);", &[]);
    check("emit!([a, b]);", &[]);
    check("if x { emit!(a); }", &[]);
    check("if x { emit!(a); } else { emit!(b); }", &[]);
    check("match x { 0 => emit!(a), 1 => emit!(b), _ => {} }", &[]);
    check("match x { 0 => { emit!(a); emit!(b); } _ => {} }", &[(0, 0)]);
    check("for a in all { emit!(a); }", &[(0, 0)]);
    check("while x { emit!(a); }", &[(0, 0)]);
}

#[test]
fn these_end_a_run() {
    for end in [
        "w().await;",
        "x()?;",
        "return Ok(());",
        "if x { return Ok(()); }",
        "let Some(a) = a else { return Ok(()) };",
        "yield 1;",
        "let mut tx = 1;",
        "helper(tx);",
        "helper(&mut *tx);",
        "let run = |tx: i32| tx;",
        "emit!(other => event);",
        "emit!(tx => event);",
        "emit!(tx.id());",
        "emit!(a, key = x()?);",
        "emit!(a, headers = { \"a\" => w().await });",
        "unknown!();",
        "undo!(a);",
        "tracing::info!(\"a\");",
        "mine::vec![1];",
        "println!(\"{}\", x()?);",
        "assert!(matches!(w().await, Ok(_)));",
        "matches!(x, Some(_) if tx);",
        "let _ = vec![undo!(); 2];",
        "let later = async { emit!(a); };",
        "let later = async || { emit!(a); };",
        "loop { emit!(a); }",
        "while true { emit!(a); }",
        "loop { loop { break; } }",
        "keep(Box::new(|| emit!(a)));",
        "let keep = Some(|| emit!(a));",
        "let keep = Keep { each: |a| emit!(a) };",
        "let keep = (1, |a| emit!(a));",
        "self.keep = |a| emit!(a);",
    ] {
        check(&format!("emit!(a); {end} emit!(b);"), &[]);
        check(&format!("emit!(a); emit!(b); {end} emit!(c); emit!(d);"), &[(0, 1), (3, 4)]);
    }
    // To the outside of the statement, and of the run.
    check("'a: loop { emit!(a); break 'b; }", &[]);
    check("emit!(a); break; emit!(b);", &[]);
    check("emit!(a); continue; emit!(b);", &[]);
    check("emit!(a); if x { continue 'outer; } emit!(b);", &[]);
}

#[test]
fn these_do_not() {
    for inside in [
        "let x = y;",
        "for a in b { if a { continue; } break; }",
        "'a: loop { loop { break 'a; } }",
        "loop { if x { break; } }",
        "'a: { if x { break 'a; } }",
        "let f = |x| { x()?; return 1; };",
        "tokio::spawn(async move { w().await; x()?; Ok(()) });",
        "fn nested(tx: u8) -> u8 { return tx; }",
        "macro_rules! undo { () => { tx.rollback().await } }",
        "println!(\"{} {x}\", y);",
        "let _ = std::vec![1; 2];",
        "assert!(matches!(x, Some(_)));",
        "unsafe { x() };",
        "#[cfg(feature = \"x\")] emit!(a);",
        "if let Some(a) = a && b { c(); }",
        "emit!(a, key = x, headers = { \"a\" => 1, ..more });",
    ] {
        check(&format!("emit!(a); {inside} emit!(b);"), &[(0, 2)]);
    }
}

#[test]
fn a_closure_is_called_before_the_insert() {
    check("let f = |a| emit!(a); f(1); f(2); Ok(())", &[(0, 2)]);
    check("let f = |a| emit!(a); all.for_each(f)", &[(0, 1)]);
    check("let f = |a| emit!(a); w().await; f(1);", &[(0, 0)]);
    check("all.iter().for_each(|a| emit!(a));", &[(0, 0)]);
    check("emit!(a); |a| emit!(a)", &[]);
    check("emit!(a); Ok(|a| emit!(a))", &[]);
    check("emit!(a); Ok(all.map(|a| emit!(a)).count())", &[(0, 1)]);
    let escaped = |body: &str| {
        let block: Block = syn::parse_str(&format!("{{ {body} }}")).expect("a block");
        plan(&block, &Ident::new("tx", Span::call_site())).iter().map(|run| run.escaped.len()).sum::<usize>()
    };
    assert_eq!(escaped("let f = |a| emit!(a); w().await; f(1);"), 1);
    assert_eq!(escaped("let f = |a| emit!(a); f(1); w().await; let f = 1; g(f);"), 0);
    assert_eq!(escaped("let n = all.map(|a| { emit!(a); 1 }).sum(); w().await; g(n);"), 0);
}
