//! Walks a handler's body: puts the transaction, or the collector of its run, in front of each `emit!`, and a check in
//! front of each raw send.

mod emit;
mod run;
mod tokens;
mod way;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprAsync, ExprCall, ExprClosure, ExprMethodCall, Item, Macro, Type};

use crate::diagnostics::Sink;
use crate::emit::Way;
use crate::guard::Guard;
use crate::macros;
use crate::model::Handler;

/// What the walk needs to know, and what it finds.
pub(crate) struct Rewriter<'a> {
    tx: Option<&'a Ident>,
    /// `None` inside a closure that is not async.
    way: Option<Way>,
    /// Inside of a run.
    collects: bool,
    /// The error type of the handler.
    error: Option<&'a Type>,
    /// Under a path that the user names.
    root: bool,
    /// The next async block is the handler's whole body: `#[async_trait]` made it.
    lowered: bool,
    errors: &'a mut Sink,
    pub(crate) guard: Guard<'a>,
    /// Inside of a task, which outlives the transaction.
    spawned: bool,
}

impl<'a> Rewriter<'a> {
    pub(crate) fn new(handler: &'a Handler, errors: &'a mut Sink) -> Self {
        let error = handler.output.as_ref().map(|output| &output.error);
        let way = error.map_or(Way::Block, |error| Way::Handler(Box::new(error.clone())));
        Self {
            tx: handler.tx.as_ref(),
            way: Some(way),
            collects: false,
            error,
            root: handler.args.root.is_some(),
            lowered: handler.function.sig.asyncness.is_none(),
            errors,
            guard: Guard::new(handler),
            spawned: false,
        }
    }

    fn within(&mut self, way: Option<Way>, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.way, way);
        visit(self);
        self.way = outer;
    }

    /// Visits what may be a task.
    fn spawn(&mut self, spawns: bool, visit: impl FnOnce(&mut Self)) {
        let outer = self.spawned;
        self.spawned |= spawns;
        visit(self);
        self.spawned = outer;
    }
}

/// Functions and methods that start a task or a thread.
fn spawns(name: &Ident) -> bool {
    ["spawn", "spawn_local", "spawn_blocking", "spawn_on"].iter().any(|known| name == known)
}

impl VisitMut for Rewriter<'_> {
    // A nested item has no transaction: an `emit!` in it stays bare, and says so. A macro is no item of its own.
    fn visit_item_mut(&mut self, node: &mut Item) {
        if let Item::Macro(item) = node {
            if let Some(name) = &item.ident {
                self.guard.declared_macro(name, &item.mac.tokens);
            }
            self.visit_macro_mut(&mut item.mac);
        }
    }

    fn visit_block_mut(&mut self, node: &mut Block) {
        self.block(node);
    }

    fn visit_expr_async_mut(&mut self, node: &mut ExprAsync) {
        let way = self.way_out(node);
        self.within(Some(way), |this| visit_mut::visit_expr_async_mut(this, node));
    }

    fn visit_expr_closure_mut(&mut self, node: &mut ExprClosure) {
        let way = node.asyncness.map(|_| Way::Block);
        self.within(way, |this| visit_mut::visit_expr_closure_mut(this, node));
    }

    fn visit_expr_call_mut(&mut self, node: &mut ExprCall) {
        let spawns = matches!(&*node.func, Expr::Path(path)
            if path.path.segments.last().is_some_and(|last| spawns(&last.ident)));
        self.spawn(spawns, |this| visit_mut::visit_expr_call_mut(this, node));
    }

    fn visit_expr_method_call_mut(&mut self, node: &mut ExprMethodCall) {
        self.visit_expr_mut(&mut node.receiver);
        let spawns = spawns(&node.method);
        self.spawn(spawns, |this| node.args.iter_mut().for_each(|argument| this.visit_expr_mut(argument)));
    }

    fn visit_macro_mut(&mut self, node: &mut Macro) {
        if macros::is_emit(&node.path) {
            self.emit(node);
            return;
        }
        if let Some(mut arguments) = macros::arguments(node) {
            arguments.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            node.tokens = arguments.into_token_stream();
            return;
        }
        self.guard.unknown_macro(&node.tokens);
        self.guard.foreign_macro(&node.path, &node.tokens);
        node.tokens = self.arguments(node.tokens.clone());
    }

    fn visit_expr_mut(&mut self, node: &mut Expr) {
        visit_mut::visit_expr_mut(self, node);
        self.guard.expression(node, self.spawned);
    }
}
