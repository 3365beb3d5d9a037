//! One `emit!`: what goes in front of its arguments.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Macro;
use syn::spanned::Spanned;

use super::Rewriter;
use crate::diagnostics::{EMIT_IN_CLOSURE, EMIT_IN_SPAWN};
use crate::emit::{self, Target, Way, inert, mark, names_transaction};

impl Rewriter<'_> {
    pub(super) fn emit(&mut self, node: &mut Macro) {
        let mark = match &self.way {
            _ if self.spawned && !names_transaction(&node.tokens) => {
                self.errors.at(&node.path, EMIT_IN_SPAWN);
                inert()
            }
            Some(way) => self.mark(way, node.path.span()),
            None if self.collects => self.mark(&Way::Block, node.path.span()),
            None => {
                self.errors.at(&node.path, EMIT_IN_CLOSURE);
                inert()
            }
        };
        self.guard.unknown_macro(&node.tokens);
        let rest = self.arguments(node.tokens.clone());
        node.tokens = quote!(#mark #rest);
    }

    /// What goes in front of an `emit!`.
    pub(super) fn mark(&self, way: &Way, emit: Span) -> TokenStream {
        match self.tx {
            Some(_) if self.collects => mark(&Target::Collector(emit::collector(emit)), way, emit),
            // A path of the user's may lead nowhere: then a method would not be found either.
            Some(tx) if self.root && self.guard.is_reference(tx) => mark(&Target::Reference(tx.clone()), way, emit),
            Some(tx) => mark(&Target::Transaction(tx.clone()), way, emit),
            None => inert(),
        }
    }
}
