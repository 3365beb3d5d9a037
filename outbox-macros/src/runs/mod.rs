//! Batching: which statements of a block can collect their events for one INSERT.
//!
//! Between two awaits nothing can touch the transaction, so one INSERT behind the last `emit!` stores the rows that one
//! each would store. A run is a maximal row of statements without anything that could await, leave, or reach the
//! transaction. Statements stay in their block, so bindings, temporaries and drops are as written.

mod closures;
mod look;
#[cfg(test)]
mod tests;
mod unit;
mod worth;

use std::ops::RangeInclusive;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Block, Stmt};

pub(crate) use unit::is_unit;

use closures::{calls, escaped, is_closure};
use look::Look;
use worth::is_worth;

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
    if !is_worth(block) {
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
