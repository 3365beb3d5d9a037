//! The value at the end of a block, where a run reaches it.

use syn::{Block, Expr, Stmt};

use crate::macros::is_emit;

/// Whether `expr`, at the end of a block, surely has the type `()`: then the INSERT can simply follow it.
pub(crate) fn is_unit(expr: &Expr) -> bool {
    match expr {
        Expr::ForLoop(_) | Expr::While(_) | Expr::Assign(_) => true,
        Expr::Macro(node) => is_emit(&node.mac.path),
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
        Some(Stmt::Macro(node)) => is_emit(&node.mac.path),
        _ => false,
    }
}
