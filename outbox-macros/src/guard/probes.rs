//! Code of the checks: what asks for the type of a place or value, in a branch that never runs.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Expr};

/// What a receiver that is a value is bound to.
pub(super) const RECEIVER: &str = "__outbox_receiver";

/// `pass(PROBE, NODE)`, with the attributes of `node` outside: a `cfg` is one of the whole.
pub(super) fn beside(probe: &TokenStream, node: &Expr) -> Expr {
    let mut node = node.clone();
    let attributes: Vec<Attribute> = match &mut node {
        Expr::MethodCall(call) => std::mem::take(&mut call.attrs),
        Expr::Call(call) => std::mem::take(&mut call.attrs),
        _ => Vec::new(),
    };
    let span = Span::mixed_site().located_at(node.span());
    Expr::Verbatim(quote_spanned!(span=> #(#attributes)* ::outbox::__private::pass(#probe, #node)))
}

/// A place as the receiver of a method call.
pub(super) fn receiving(place: &Expr) -> TokenStream {
    match place {
        Expr::Unary(deref) => quote!((#deref)),
        other => quote!(#other),
    }
}

/// `match RECEIVER { it => { PROBE it } }`; the receiver in a call, so that no struct literal stands bare in the `match`.
pub(super) fn bound(receiver: &Expr, span: Span, check: impl FnOnce(&TokenStream) -> TokenStream) -> Expr {
    let receiver = match receiver {
        Expr::Paren(paren) => &paren.expr,
        other => other,
    };
    // With the user's hygiene, or the error would be shown at the attribute.
    let it = Ident::new(RECEIVER, span);
    let probe = dead(&check(&quote!(#it)), span);
    let site = Span::mixed_site().located_at(receiver.span());
    Expr::Verbatim(quote_spanned!(site=> match ::outbox::__private::pass((), #receiver) { #it => { #probe #it } }))
}

/// The check of a receiver that publishes.
pub(super) fn sends(receiver: &TokenStream, span: Span) -> TokenStream {
    // At the user's token, or the error would be shown at the attribute.
    quote_spanned!(span=> #receiver.__outbox_ty().__outbox_sends().__outbox_judge();)
}

/// The check of what a handler holds in its hands.
pub(super) fn held(place: &TokenStream, span: Span) -> TokenStream {
    quote_spanned!(span=> #place.__outbox_ty().__outbox_held().__outbox_judge();)
}

/// A branch that never runs, for the types in `checks`.
pub(super) fn dead(checks: &TokenStream, span: Span) -> TokenStream {
    let site = Span::mixed_site().located_at(span);
    quote_spanned! {site=>
        if false {
            #[allow(unused_imports)]
            use ::outbox::__private::probes::*;
            #[allow(clippy::all, clippy::pedantic)]
            { #checks }
            ::outbox::__private::never()
        }
    }
}
