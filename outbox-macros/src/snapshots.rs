//! Expansion snapshots: for each `snapshots/NAME.in.rs` what the macros make of it stands in `NAME.out.rs`.
//!
//! Looks at all phases at once, from the outside. `OUTBOX_UPDATE_SNAPSHOTS=1 cargo test -p outbox-macros` writes the
//! outputs anew. An input is a file of items; each attribute, derive and `emit!` of ours in it is expanded as rustc
//! would: the attribute first, then what it left in the body. Hygiene cannot be printed: a generated name looks like one
//! of the user's.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use similar::{ChangeTag, TextDiff};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Expr, ImplItem, Item, Macro, Meta, Stmt, TraitItem};

use crate::{derive, emit, expand};

#[test]
fn expansions_are_as_recorded() {
    let update = std::env::var_os("OUTBOX_UPDATE_SNAPSHOTS").is_some();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let inputs = ending(&directory, ".in.rs");
    assert!(inputs.len() > 10, "only {} inputs under {}", inputs.len(), directory.display());
    let mut report = String::new();
    for name in &inputs {
        let input = fs::read_to_string(directory.join(format!("{name}.in.rs"))).expect("a readable input");
        let found = expanded(name, &input);
        // A form that is no longer understood would else be recorded as what it is.
        let refused = found.contains("::core::compile_error!");
        assert_eq!(refused, name.starts_with("mistake_"), "{name}: only inputs named mistake_… are refused:\n{found}");
        let path = directory.join(format!("{name}.out.rs"));
        let recorded = fs::read_to_string(&path).unwrap_or_default();
        if found != recorded {
            if update {
                fs::write(&path, &found).expect("a writable output");
            } else {
                write!(report, "\n--- {name}.out.rs\n{}", difference(&recorded, &found)).expect("a String");
            }
        }
    }
    let orphans: Vec<_> = ending(&directory, ".out.rs").difference(&inputs).cloned().collect();
    assert!(orphans.is_empty(), "outputs without an input: {orphans:?}");
    assert!(
        report.is_empty(),
        "{report}\nThe expansion has changed. If that is meant: OUTBOX_UPDATE_SNAPSHOTS=1 cargo test -p outbox-macros"
    );
}

/// Names of the files that end so.
fn ending(directory: &Path, end: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).expect("a readable directory").map(|entry| entry.expect("an entry").path());
    let name = |path: PathBuf| Some(path.file_name()?.to_str()?.strip_suffix(end)?.to_owned());
    entries.filter_map(name).collect()
}

/// Each changed line, with three around it.
fn difference(recorded: &str, found: &str) -> String {
    let diff = TextDiff::from_lines(recorded, found);
    let mut text = String::new();
    for group in diff.grouped_ops(3) {
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            write!(text, "{sign}{change}").expect("a String");
        }
        text.push_str("  …\n");
    }
    text
}

fn expanded(name: &str, input: &str) -> String {
    let parsed: syn::File = syn::parse_str(input).unwrap_or_else(|error| panic!("{name}.in.rs: {error}"));
    let mut items = TokenStream::new();
    for item in parsed.items {
        outer(item, &mut items);
    }
    let mut file = reparsed(name, quote!(#items));
    Emits.visit_file_mut(&mut file);
    // Once more, so that what was spliced in is printed as code.
    let file = reparsed(name, file.to_token_stream());
    format!("// The expansion of `{name}.in.rs`.\n{}", prettyplease::unparse(&file))
}

fn reparsed(name: &str, tokens: TokenStream) -> syn::File {
    let text = tokens.to_string();
    syn::parse2(tokens).unwrap_or_else(|error| panic!("{name} does not expand to items: {error}\n{text}"))
}

/// Expands attribute and derive of one item.
fn outer(mut item: Item, output: &mut TokenStream) {
    let attributes = match &mut item {
        Item::Fn(item) => Some(&mut item.attrs),
        Item::Struct(item) => Some(&mut item.attrs),
        Item::Enum(item) => Some(&mut item.attrs),
        Item::Trait(item) => Some(&mut item.attrs),
        Item::Impl(item) => Some(&mut item.attrs),
        _ => None,
    };
    if let Some(args) = attributes.and_then(taken) {
        output.extend(expand::transactional_event(args, item.into_token_stream()));
        return;
    }
    match &mut item {
        Item::Impl(item) => {
            for member in &mut item.items {
                if let ImplItem::Fn(function) = member
                    && let Some(args) = taken(&mut function.attrs)
                {
                    *member = ImplItem::Verbatim(expand::transactional_event(args, function.to_token_stream()));
                }
            }
        }
        Item::Trait(item) => {
            for member in &mut item.items {
                if let TraitItem::Fn(function) = member
                    && let Some(args) = taken(&mut function.attrs)
                {
                    *member = TraitItem::Verbatim(expand::transactional_event(args, function.to_token_stream()));
                }
            }
        }
        _ => {}
    }
    let derived = matches!(&item, Item::Struct(_) | Item::Enum(_)) && derives_event(&item);
    item.to_tokens(output);
    if derived {
        output.extend(derive::expand(item.into_token_stream()));
    }
}

/// Takes our attribute away and gives its arguments.
fn taken(attributes: &mut Vec<Attribute>) -> Option<TokenStream> {
    let ours = |attribute: &Attribute| {
        attribute.path().segments.last().is_some_and(|last| last.ident == "transactional_event")
    };
    let attribute = attributes.remove(attributes.iter().position(ours)?);
    match attribute.meta {
        Meta::List(list) => Some(list.tokens),
        _ => Some(TokenStream::new()),
    }
}

fn derives_event(item: &Item) -> bool {
    let (Item::Struct(syn::ItemStruct { attrs, .. }) | Item::Enum(syn::ItemEnum { attrs, .. })) = item else {
        return false;
    };
    attrs.iter().filter(|attribute| attribute.path().is_ident("derive")).any(|attribute| {
        let mut found = false;
        let read = attribute.parse_nested_meta(|meta| {
            found |= meta.path.segments.last().is_some_and(|last| last.ident == "Event");
            Ok(())
        });
        read.is_ok() && found
    })
}

/// Expands each `emit!` where it stands. Those in arguments of other macros are left as they are.
struct Emits;

fn emitted(mac: &Macro) -> Option<TokenStream> {
    let last = mac.path.segments.last()?;
    (last.ident == "emit").then(|| emit::expand(mac.tokens.clone()))
}

impl VisitMut for Emits {
    fn visit_expr_mut(&mut self, node: &mut Expr) {
        if let Expr::Macro(expr) = node
            && let Some(tokens) = emitted(&expr.mac)
        {
            *node = Expr::Verbatim(tokens);
        }
        visit_mut::visit_expr_mut(self, node);
    }

    fn visit_stmt_mut(&mut self, node: &mut Stmt) {
        if let Stmt::Macro(stmt) = node
            && let Some(tokens) = emitted(&stmt.mac)
        {
            *node = Stmt::Expr(Expr::Verbatim(tokens), stmt.semi_token);
        }
        visit_mut::visit_stmt_mut(self, node);
    }

    fn visit_item_mut(&mut self, node: &mut Item) {
        if let Item::Macro(item) = node
            && let Some(tokens) = emitted(&item.mac)
        {
            *node = Item::Verbatim(tokens);
        }
        visit_mut::visit_item_mut(self, node);
    }
}
