//! Closures that emit: where they have to be called, and where they are kept instead.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Block, Expr, Pat, Stmt};

use super::look::Look;
use crate::names::{mentions, rebound};

/// A closure that emits has to be called before the INSERT: the last statement that could be such a call. (A tail that
/// names nothing of the run is none.)
pub(super) fn calls(block: &Block, first: usize, last: usize, end: usize) -> usize {
    let Some(Stmt::Expr(tail, None)) = block.stmts.last() else { return end - 1 };
    let bound = rebound(block.stmts.get(first..end).unwrap_or_default());
    let is_free = end == block.stmts.len() && last + 1 < end && !mentions(tail.to_token_stream(), &bound);
    if is_free { end - 2 } else { end - 1 }
}

/// `let f = |…| emit!(…);` at `at`, and `f` is named behind `last`.
pub(super) fn escaped(block: &Block, looks: &[Look<'_>], at: usize, last: usize) -> Vec<Ident> {
    let (Some(Stmt::Local(local)), Some(look)) = (block.stmts.get(at), looks.get(at)) else { return Vec::new() };
    let name = match &local.pat {
        Pat::Type(typed) => &*typed.pat,
        pat => pat,
    };
    let (Pat::Ident(name), Some(init)) = (name, &local.init) else { return Vec::new() };
    let behind = block.stmts.get(last + 1..).unwrap_or_default();
    let rebound = rebound(behind);
    let name = std::slice::from_ref(&name.ident);
    let called = behind.iter().any(|statement| mentions(statement.to_token_stream(), name));
    if is_closure(&init.expr) && called && !name.iter().any(|name| rebound.contains(name)) {
        look.emits.clone()
    } else {
        Vec::new()
    }
}

pub(super) fn is_closure(expr: &Expr) -> bool {
    match expr {
        Expr::Closure(_) => true,
        Expr::Reference(reference) => is_closure(&reference.expr),
        Expr::Paren(paren) => is_closure(&paren.expr),
        Expr::Group(group) => is_closure(&group.expr),
        _ => false,
    }
}

/// A closure that becomes a part of something else is there to be kept, not to be called in its run.
pub(super) fn keeps_closure(node: &Expr) -> bool {
    match node {
        Expr::Call(call) => keeps(&call.func) && call.args.iter().any(is_closure),
        Expr::Struct(node) => node.fields.iter().any(|field| is_closure(&field.expr)),
        Expr::Tuple(tuple) => tuple.elems.iter().any(is_closure),
        Expr::Array(array) => array.elems.iter().any(is_closure),
        Expr::Assign(assign) => is_closure(&assign.right),
        _ => false,
    }
}

/// `Ok`, `Box::new` and their like.
fn keeps(function: &Expr) -> bool {
    let Expr::Path(path) = function else { return false };
    let mut names = path.path.segments.iter().rev();
    let is_one_of = |name: Option<&syn::PathSegment>, all: &[&str]| {
        name.is_some_and(|name| all.iter().any(|known| name.ident == known))
    };
    is_one_of(names.next(), &["Ok", "Err", "Some"]) || is_one_of(names.next(), &["Box", "Rc", "Arc"])
}
