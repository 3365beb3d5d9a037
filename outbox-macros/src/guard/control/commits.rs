//! `tx.commit()` and `tx.rollback()`, and what stands in their place.

use proc_macro2::{Ident, TokenTree};
use syn::Expr;

use super::{Control, leads_to};

impl Control<'_> {
    /// Whether this is `tx.commit()` or `tx.rollback()`; it is told.
    pub(super) fn ends(&mut self, method: &Ident, receiver: &Expr) -> bool {
        let is_tx = leads_to(receiver, std::slice::from_ref(&self.tx));
        self.refuses(method, is_tx)
    }

    /// Whether the next group is the arguments of `tx.commit`; it is told.
    pub(super) fn ends_here(&mut self, before: &[TokenTree]) -> bool {
        let [.., TokenTree::Ident(tx), TokenTree::Punct(dot), TokenTree::Ident(method)] = before else { return false };
        let is_tx = *tx == self.tx && dot.as_char() == '.';
        self.refuses(method, is_tx)
    }

    fn refuses(&mut self, method: &Ident, is_tx: bool) -> bool {
        let message = self.commit.filter(|_| is_tx && (method == "commit" || method == "rollback"));
        if let Some(message) = message {
            self.errors.at(method, message);
        }
        message.is_some()
    }
}

/// In the place of what was refused, with its type.
pub(super) fn refused() -> Expr {
    syn::parse_quote!(::outbox::__private::refused())
}
