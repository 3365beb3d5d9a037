//! Macros in a statement: an `emit!`, one of std's, or one that could be anything.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::Macro;
use syn::parse::Parser;
use syn::visit::Visit;

use super::Look;
use crate::emit::Form;
use crate::macros;

impl Look<'_> {
    pub(super) fn mac(&mut self, node: &Macro) {
        let name = node.path.segments.last().map(|last| &last.ident);
        match name {
            Some(name) if name == "emit" => self.emit(node, name),
            _ if !macros::is_std(&node.path) => self.breaks = true,
            _ => match macros::expressions(node) {
                Some(arguments) => arguments.iter().for_each(|argument| self.visit_expr(argument)),
                None => self.tokens(node.tokens.clone()),
            },
        }
    }

    fn emit(&mut self, node: &Macro, name: &Ident) {
        match Form::read.parse2(node.tokens.clone()) {
            Ok(form) if form.place.is_none() => {
                self.count += 1;
                self.emits.push(name.clone());
                form.expressions().into_iter().for_each(|part| self.visit_expr(part));
            }
            // One that names its transaction is an INSERT of its own; what is wrong is told when it is expanded.
            _ => self.breaks = true,
        }
    }

    /// Arguments that are no expressions: a run may contain them if they are nothing but names and values.
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(name) => {
                    let way = ["await", "return", "break", "continue", "yield", "emit", "loop"];
                    self.breaks |= name == *self.tx || way.iter().any(|way| name == way);
                }
                TokenTree::Punct(punct) => self.breaks |= matches!(punct.as_char(), '?' | '!'),
                TokenTree::Literal(_) => {}
            }
        }
    }
}
