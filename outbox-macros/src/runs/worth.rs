//! Whether it is worth to look at a block: two `emit!`s, or one that may run more than once.

use proc_macro2::{Ident, Span};
use syn::visit::{self, Visit};
use syn::{Block, Macro};

use crate::macros::is_emit;
use crate::names::mentions;

pub(super) fn is_worth(block: &Block) -> bool {
    let mut emits = Emits::default();
    emits.visit_block(block);
    emits.count > 1 || emits.many
}

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
        // In the arguments of another macro, nobody knows how often.
        let name = Ident::new("emit", Span::call_site());
        self.many |= mentions(node.tokens.clone(), std::slice::from_ref(&name));
        self.count += usize::from(is_emit(&node.path));
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
