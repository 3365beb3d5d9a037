//! Places that only get another name: `let producer = if spare { &app.spare } else { &app.main };`. What is sent through that
//! name is told there, and not here as well.

use syn::visit::Visit;
use syn::{Block, Expr, Pat, Stmt};

use super::Mentions;
use crate::guard::places::{Names, POINTERS};

pub(super) fn address(node: &Expr) -> usize {
    std::ptr::from_ref(node).addr()
}

impl Mentions<'_> {
    /// `patterns` bind `value`: its places are carried, if something is sent through one of the names.
    pub(super) fn carry(&mut self, patterns: &[&Pat], value: &Expr) {
        let mut names = Names::default();
        patterns.iter().for_each(|pattern| names.visit_pat(pattern));
        let begins = |told: &String, name: &proc_macro2::Ident| {
            let name = name.to_string();
            told.strip_prefix(&name).is_some_and(|rest| !rest.starts_with(|c: char| c == '_' || c.is_alphanumeric()))
        };
        if names.0.iter().any(|name| self.told.iter().any(|told| begins(told, name))) {
            places(value, &mut self.carried);
        }
    }
}

/// The places that `expr` is another name for.
fn places(expr: &Expr, found: &mut Vec<usize>) {
    match expr {
        Expr::Path(_) | Expr::Field(_) => found.push(address(expr)),
        Expr::Reference(node) => places(&node.expr, found),
        Expr::Paren(node) => places(&node.expr, found),
        Expr::Group(node) => places(&node.expr, found),
        Expr::Unary(node) => places(&node.expr, found),
        Expr::Array(node) => node.elems.iter().for_each(|elem| places(elem, found)),
        Expr::Block(node) => tail(&node.block, found),
        Expr::If(node) => {
            tail(&node.then_branch, found);
            if let Some((_, other)) = &node.else_branch {
                places(other, found);
            }
        }
        Expr::Match(node) => node.arms.iter().for_each(|arm| places(&arm.body, found)),
        Expr::MethodCall(node) if node.args.is_empty() && POINTERS.iter().any(|name| node.method == name) => {
            places(&node.receiver, found);
        }
        // `Some(…)`, `Arc::new(…)`, `Arc::clone(…)`
        Expr::Call(node) if wraps(&node.func) => node.args.iter().for_each(|argument| places(argument, found)),
        _ => {}
    }
}

fn tail(block: &Block, found: &mut Vec<usize>) {
    if let Some(Stmt::Expr(value, None)) = block.stmts.last() {
        places(value, found);
    }
}

fn wraps(function: &Expr) -> bool {
    let Expr::Path(path) = function else { return false };
    let mut names = path.path.segments.iter().rev().map(|segment| &segment.ident);
    match (names.next(), names.next()) {
        (Some(name), None) => name == "Some" || name == "Ok",
        (Some(name), Some(owner)) => {
            (name == "new" || name == "clone" || name == "from")
                && ["Arc", "Rc", "Box"].iter().any(|known| owner == known)
        }
        _ => false,
    }
}
