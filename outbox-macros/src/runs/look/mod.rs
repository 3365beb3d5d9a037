//! One statement: whether it ends a run, and how many events it emits.

mod flow;
mod macros;

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprAsync, ExprAwait, ExprBlock, ExprBreak, ExprClosure, ExprContinue, ExprForLoop, ExprIf, ExprLoop,
    ExprMatch, ExprReturn, ExprTry, ExprTryBlock, ExprWhile, ExprYield, Item, Lit, Macro, Stmt,
};

use super::closures::keeps_closure;
use flow::Around;

/// What is known of a statement.
pub(super) struct Look<'t> {
    tx: &'t Ident,
    /// It awaits, leaves, names the transaction, or contains what nobody can tell.
    pub(super) breaks: bool,
    /// How many `emit!`s it runs at most, loops aside.
    pub(super) count: usize,
    /// One is in a loop or a closure.
    pub(super) many: bool,
    /// One is in a closure, which may be called by a later statement.
    pub(super) held: bool,
    /// All of them, as written.
    pub(super) emits: Vec<Ident>,
    /// Loops and labelled blocks around, the inner ones last.
    around: Vec<Around>,
    /// Inside of a closure or an async block, which `return` and `?` leave.
    closed: bool,
    /// Inside of one that is async, which awaits by itself.
    asynchronous: bool,
}

impl<'t> Look<'t> {
    pub(super) fn at(statement: &Stmt, tx: &'t Ident) -> Self {
        let mut look = Self {
            tx,
            breaks: false,
            count: 0,
            many: false,
            held: false,
            emits: Vec::new(),
            around: Vec::new(),
            closed: false,
            asynchronous: false,
        };
        look.visit_stmt(statement);
        look
    }
}

impl<'ast> Visit<'ast> for Look<'_> {
    fn visit_ident(&mut self, node: &'ast Ident) {
        self.breaks |= node == self.tx;
    }

    // Nothing of it runs here. A macro in the place of an item does.
    fn visit_item(&mut self, node: &'ast Item) {
        if let Item::Macro(item) = node
            && item.ident.is_none()
        {
            self.visit_macro(&item.mac);
        }
    }

    fn visit_macro(&mut self, node: &'ast Macro) {
        self.mac(node);
    }

    fn visit_expr(&mut self, node: &'ast Expr) {
        // What syn does not know could be anything.
        self.breaks |= matches!(node, Expr::Verbatim(_));
        let before = self.emits.len();
        visit::visit_expr(self, node);
        self.breaks |= self.emits.len() > before && keeps_closure(node);
    }

    fn visit_expr_await(&mut self, node: &'ast ExprAwait) {
        self.breaks |= !self.asynchronous;
        visit::visit_expr_await(self, node);
    }

    fn visit_expr_yield(&mut self, node: &'ast ExprYield) {
        self.breaks = true;
        visit::visit_expr_yield(self, node);
    }

    fn visit_expr_try(&mut self, node: &'ast ExprTry) {
        self.breaks |= !self.closed;
        visit::visit_expr_try(self, node);
    }

    fn visit_expr_try_block(&mut self, _: &'ast ExprTryBlock) {
        self.breaks = true;
    }

    fn visit_expr_return(&mut self, node: &'ast ExprReturn) {
        self.breaks |= !self.closed;
        visit::visit_expr_return(self, node);
    }

    fn visit_expr_break(&mut self, node: &'ast ExprBreak) {
        self.leaves(node.label.as_ref(), true);
        visit::visit_expr_break(self, node);
    }

    fn visit_expr_continue(&mut self, node: &'ast ExprContinue) {
        self.leaves(node.label.as_ref(), false);
    }

    fn visit_expr_for_loop(&mut self, node: &'ast ExprForLoop) {
        self.visit_expr(&node.expr);
        self.visit_pat(&node.pat);
        self.inside(node.label.as_ref(), true, |this| this.visit_block(&node.body));
    }

    fn visit_expr_while(&mut self, node: &'ast ExprWhile) {
        let around = self.inside(node.label.as_ref(), true, |this| {
            this.visit_expr(&node.cond);
            this.visit_block(&node.body);
        });
        let forever = matches!(&*node.cond, Expr::Lit(lit) if matches!(&lit.lit, Lit::Bool(lit) if lit.value));
        self.breaks |= forever && !around.left;
    }

    // One that is never left would collect for ever.
    fn visit_expr_loop(&mut self, node: &'ast ExprLoop) {
        let around = self.inside(node.label.as_ref(), true, |this| this.visit_block(&node.body));
        self.breaks |= !around.left;
    }

    fn visit_expr_block(&mut self, node: &'ast ExprBlock) {
        match &node.label {
            Some(label) => drop(self.inside(Some(label), false, |this| this.visit_block(&node.block))),
            None => self.visit_block(&node.block),
        }
    }

    fn visit_expr_if(&mut self, node: &'ast ExprIf) {
        self.visit_expr(&node.cond);
        let (then, other) = (&node.then_branch, &node.else_branch);
        self.either([true, false].map(|is_then| {
            move |this: &mut Self| match other {
                _ if is_then => this.visit_block(then),
                Some((_, other)) => this.visit_expr(other),
                None => {}
            }
        }));
    }

    fn visit_expr_match(&mut self, node: &'ast ExprMatch) {
        self.visit_expr(&node.expr);
        // With their guards, of which more than one may run.
        node.arms.iter().for_each(|arm| self.visit_pat(&arm.pat));
        self.either(node.arms.iter().map(|arm| |this: &mut Self| this.visit_expr(&arm.body)));
    }

    fn visit_expr_async(&mut self, node: &'ast ExprAsync) {
        self.closed(true, |this| this.visit_block(&node.block));
    }

    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        node.inputs.iter().for_each(|input| self.visit_pat(input));
        let emits = self.closed(node.asyncness.is_some(), |this| this.visit_expr(&node.body));
        self.many |= emits;
        self.held |= emits;
    }
}
