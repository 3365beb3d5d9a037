//! Batching: which statements of a block can collect their events for one INSERT.
//!
//! Between two awaits nothing can touch the transaction, so one INSERT behind the last `emit!` stores the rows that one
//! each would store. A run is a maximal row of statements without anything that could await, leave, or reach the
//! transaction. Statements stay in their block, so bindings, temporaries and drops are as written.

mod look;
mod macros;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Macro, Pat, Stmt};

use crate::guard::Rebound;
use crate::names::mentions;
use look::Look;

/// Statements that collect.
pub(crate) struct Run {
    /// Indices in their block. Its tail may be the last one.
    pub(crate) statements: RangeInclusive<usize>,
    /// The first `emit` of the run.
    pub(crate) emit: Ident,
    /// `emit`s in closures that are called after the run, where nothing collects.
    pub(crate) escaped: Vec<Ident>,
}

/// The runs of `block` that are worth a collector; a lone `emit!` is an INSERT anyway.
pub(crate) fn plan(block: &Block, tx: &Ident) -> Vec<Run> {
    let mut emits = Emits::default();
    emits.visit_block(block);
    if emits.count < 2 && !emits.many {
        return Vec::new();
    }
    let mut looks: Vec<Look<'_>> = block.stmts.iter().map(|statement| Look::at(statement, tx)).collect();
    if let (Some(Stmt::Expr(tail, None)), Some(look)) = (block.stmts.last(), looks.last_mut()) {
        // The INSERT stands in one call with a tail that has a value, where its attributes could not stand.
        look.breaks |= is_closure(tail) && look.held;
        look.breaks |= !is_unit(tail) && tail.to_token_stream().to_string().starts_with('#');
    }
    let mut runs = Vec::new();
    let mut start = 0;
    for part in looks.split(|look| look.breaks) {
        let end = start + part.len();
        runs.extend(run(block, &looks, start, end));
        start = end + 1;
    }
    runs
}

/// Whether it is worth to look: two `emit!`s, or one that may run more than once.
#[derive(Default)]
struct Emits {
    count: usize,
    many: bool,
}

impl Emits {
    fn often(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = self.count;
        visit(self);
        self.many |= self.count > before;
    }
}

impl<'ast> Visit<'ast> for Emits {
    fn visit_macro(&mut self, node: &'ast Macro) {
        let emit = |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == "emit");
        // In the arguments of another macro, nobody knows how often.
        let name = Ident::new("emit", proc_macro2::Span::call_site());
        self.many |= mentions(node.tokens.clone(), std::slice::from_ref(&name));
        self.count += usize::from(emit(&node.path));
    }

    fn visit_expr_for_loop(&mut self, node: &'ast syn::ExprForLoop) {
        self.often(|this| visit::visit_expr_for_loop(this, node));
    }

    fn visit_expr_while(&mut self, node: &'ast syn::ExprWhile) {
        self.often(|this| visit::visit_expr_while(this, node));
    }

    fn visit_expr_loop(&mut self, node: &'ast syn::ExprLoop) {
        self.often(|this| visit::visit_expr_loop(this, node));
    }

    fn visit_expr_closure(&mut self, node: &'ast syn::ExprClosure) {
        self.often(|this| visit::visit_expr_closure(this, node));
    }
}

/// The run in `start..end`, where nothing breaks.
fn run(block: &Block, looks: &[Look<'_>], start: usize, end: usize) -> Option<Run> {
    let part = looks.get(start..end)?;
    let first = start + part.iter().position(|look| look.count > 0)?;
    let last = start + part.iter().rposition(|look| look.count > 0)?;
    let count: usize = part.iter().map(|look| look.count).sum();
    if count < 2 && !part.iter().any(|look| look.many) {
        return None;
    }
    let held = part.iter().any(|look| look.held);
    let last = if held { calls(block, first, last, end) } else { last };
    let emit = part.iter().find_map(|look| look.emits.first().cloned())?;
    let escaped = (first..=last).flat_map(|at| escaped(block, looks, at, last)).collect();
    Some(Run { statements: first..=last, emit, escaped })
}

/// A closure that emits has to be called before the INSERT: the last statement that could be such a call. (A tail that
/// names nothing of the run is none.)
fn calls(block: &Block, first: usize, last: usize, end: usize) -> usize {
    let Some(Stmt::Expr(tail, None)) = block.stmts.last() else { return end - 1 };
    let mut bound = Rebound::default();
    block.stmts.get(first..end).unwrap_or_default().iter().for_each(|statement| bound.visit_stmt(statement));
    let is_free = end == block.stmts.len() && last + 1 < end && !mentions(tail.to_token_stream(), &bound.0);
    if is_free { end - 2 } else { end - 1 }
}

/// `let f = |…| emit!(…);` at `at`, and `f` is named behind `last`.
fn escaped(block: &Block, looks: &[Look<'_>], at: usize, last: usize) -> Vec<Ident> {
    let (Some(Stmt::Local(local)), Some(look)) = (block.stmts.get(at), looks.get(at)) else { return Vec::new() };
    let name = match &local.pat {
        Pat::Type(typed) => &*typed.pat,
        pat => pat,
    };
    let (Pat::Ident(name), Some(init)) = (name, &local.init) else { return Vec::new() };
    let behind = block.stmts.get(last + 1..).unwrap_or_default();
    let mut rebound = Rebound::default();
    behind.iter().for_each(|statement| rebound.visit_stmt(statement));
    let name = std::slice::from_ref(&name.ident);
    let called = behind.iter().any(|statement| mentions(statement.to_token_stream(), name));
    if is_closure(&init.expr) && called && !name.iter().any(|name| rebound.0.contains(name)) {
        look.emits.clone()
    } else {
        Vec::new()
    }
}

fn is_closure(expr: &Expr) -> bool {
    match expr {
        Expr::Closure(_) => true,
        Expr::Reference(reference) => is_closure(&reference.expr),
        Expr::Paren(paren) => is_closure(&paren.expr),
        Expr::Group(group) => is_closure(&group.expr),
        _ => false,
    }
}

/// Whether `expr`, at the end of a block, surely has the type `()`: then the INSERT can simply follow it.
pub(crate) fn is_unit(expr: &Expr) -> bool {
    match expr {
        Expr::ForLoop(_) | Expr::While(_) | Expr::Assign(_) => true,
        Expr::Macro(node) => node.mac.path.segments.last().is_some_and(|last| last.ident == "emit"),
        Expr::If(node) => node.else_branch.is_none() || is_unit_block(&node.then_branch),
        Expr::Match(node) => node.arms.iter().any(|arm| is_unit(&arm.body)),
        Expr::Block(node) => node.label.is_none() && is_unit_block(&node.block),
        Expr::Unsafe(node) => is_unit_block(&node.block),
        _ => false,
    }
}

/// Its last statement is an `emit!`, or as good as one.
fn is_unit_block(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(expr, _)) => is_unit(expr),
        Some(Stmt::Macro(node)) => node.mac.path.segments.last().is_some_and(|last| last.ident == "emit"),
        _ => false,
    }
}
