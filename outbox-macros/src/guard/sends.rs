//! Calls that publish: a check of the receiver's type in front of each.
//!
//! Input: `recv.send(args)` · Output: `pass(if false { check of recv's type; never() }, recv.send(args))`. The dead
//! branch diverges, so moves in the receiver do not count twice; the check is a method of the receiver, so a closure
//! captures what it captured before. A receiver that is a value is bound on its way, not evaluated twice.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Expr};

use super::places::Roots;

/// Whether a method of this name may publish. What it is called on is decided by its type.
pub(super) fn publishes(name: &Ident) -> bool {
    let name = name.to_string();
    let begins_with =
        |verb: &&str| name.strip_prefix(*verb).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
    name == "begin_transaction" || ["send", "publish", "produce"].iter().any(begins_with)
}

/// Puts the check in front of `node`, if that is a call which may publish. Tells the place that was checked.
pub(super) fn check(roots: &Roots, node: &mut Expr) -> Option<String> {
    let (probe, place) = match &mut *node {
        Expr::MethodCall(call) if publishes(&call.method) => {
            let span = call.method.span();
            if is_place(&call.receiver) {
                (place_probe(&call.receiver, span), Some(key(&call.receiver)))
            } else if is_value(&call.receiver) {
                let base = roots.base(&call.receiver).map(|base| base.tokens.to_string());
                let place = base.unwrap_or_else(|| call.receiver.to_token_stream().to_string());
                *call.receiver = bound(&call.receiver, span, |it| sends(it, span));
                (quote!(()), Some(place))
            } else {
                let place = part_of_a_value(&mut call.receiver, span)?;
                (quote!(()), Some(place))
            }
        }
        Expr::Call(call) => match (associated_send(&call.func), call.args.first_mut().map(peeled_mut)) {
            (Some(span), Some(first)) if is_place(first) => (place_probe(first, span), Some(key(first))),
            // Of a field the type is known.
            (Some(span), Some(first @ Expr::Field(_))) => (quote!(()), Some(part_of_a_value(first, span)?)),
            _ => return None,
        },
        _ => return None,
    };
    *node = beside(&probe, node);
    place
}

/// Whether `node` calls what may publish on the result of a macro, which can be a place as well as a value; not of
/// one in `plain`.
pub(super) fn is_on_a_macro(node: &Expr, plain: &[Ident]) -> bool {
    fn behind(expr: &Expr) -> Option<&syn::ExprMacro> {
        match expr {
            Expr::Macro(node) => Some(node),
            Expr::Field(field) => behind(&field.base),
            Expr::Index(index) => behind(&index.expr),
            Expr::Unary(unary) => behind(&unary.expr),
            Expr::Paren(paren) => behind(&paren.expr),
            Expr::Group(group) => behind(&group.expr),
            _ => None,
        }
    }
    let Expr::MethodCall(call) = node else { return false };
    publishes(&call.method)
        && behind(&call.receiver)
            .is_some_and(|node| !node.mac.path.get_ident().is_some_and(|name| plain.contains(name)))
}

/// The name that the receiver of a call which may publish comes from.
pub(super) fn source(node: &Expr) -> Option<&Ident> {
    match node {
        Expr::MethodCall(call) if publishes(&call.method) => begins_with(&call.receiver),
        _ => None,
    }
}

fn begins_with(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Field(field) => begins_with(&field.base),
        Expr::MethodCall(call) => begins_with(&call.receiver),
        Expr::Index(index) => begins_with(&index.expr),
        Expr::Await(node) => begins_with(&node.base),
        Expr::Try(node) => begins_with(&node.expr),
        Expr::Unary(unary) => begins_with(&unary.expr),
        Expr::Reference(reference) => begins_with(&reference.expr),
        Expr::Paren(paren) => begins_with(&paren.expr),
        Expr::Group(group) => begins_with(&group.expr),
        _ => None,
    }
}

/// A place as text, without what stands around it.
fn key(place: &Expr) -> String {
    let mut place = peeled(place);
    while let Expr::Unary(unary) = place {
        place = peeled(&unary.expr);
    }
    place.to_token_stream().to_string()
}

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

/// The span of `send` in `Type::send`.
fn associated_send(function: &Expr) -> Option<Span> {
    let Expr::Path(path) = function else { return None };
    let last = path.path.segments.last()?;
    let associated = path.qself.is_some() || path.path.segments.len() > 1;
    (associated && publishes(&last.ident)).then(|| last.ident.span())
}

pub(super) fn peeled(expr: &Expr) -> &Expr {
    match expr {
        Expr::Reference(reference) => peeled(&reference.expr),
        Expr::Paren(paren) => peeled(&paren.expr),
        Expr::Group(group) => peeled(&group.expr),
        other => other,
    }
}

fn peeled_mut(expr: &mut Expr) -> &mut Expr {
    match expr {
        Expr::Reference(reference) => peeled_mut(&mut reference.expr),
        Expr::Paren(paren) => peeled_mut(&mut paren.expr),
        Expr::Group(group) => peeled_mut(&mut group.expr),
        other => other,
    }
}

/// Places: named a second time they cost and move nothing.
pub(super) fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        Expr::Index(index) => is_place(&index.expr) && is_plain_index(&index.index),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && is_place(&unary.expr),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Group(group) => is_place(&group.expr),
        _ => false,
    }
}

/// Indices that mean the same in a branch that never runs.
pub(super) fn is_plain_index(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) => true,
        Expr::Reference(reference) => is_plain_index(&reference.expr),
        Expr::Binary(binary) => is_plain_index(&binary.left) && is_plain_index(&binary.right),
        Expr::Cast(cast) => is_plain_index(&cast.expr),
        Expr::MethodCall(call) => is_plain_index(&call.receiver) && call.args.iter().all(is_plain_index),
        other => is_place(other),
    }
}

/// Expressions whose value can be bound to a name and handed on. (Macros are not: nothing is known of them.)
pub(super) fn is_value(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => is_value(&paren.expr),
        Expr::Group(group) => is_value(&group.expr),
        Expr::MethodCall(_) | Expr::Call(_) | Expr::Reference(_) | Expr::Await(_) | Expr::Try(_) => true,
        Expr::Block(_) | Expr::Unsafe(_) | Expr::If(_) | Expr::Match(_) | Expr::Verbatim(_) => true,
        _ => false,
    }
}

/// `value.field.field` and the like: the value is bound on its way to its field, and the field is checked. Tells the
/// place as it was written.
fn part_of_a_value(receiver: &mut Expr, span: Span) -> Option<String> {
    let place = receiver.to_token_stream().to_string();
    // With the user's hygiene, or the error would be shown at the attribute.
    let it = Ident::new("__outbox_receiver", span);
    let mut part = receiver.clone();
    *value_within(&mut part)? = Expr::Verbatim(quote!(#it));
    let value = value_within(receiver)?;
    *value = bound(value, span, |_| sends(&receiving(&part), span));
    Some(place)
}

/// The value in `value.field[index]`.
fn value_within(expr: &mut Expr) -> Option<&mut Expr> {
    if is_value(expr) {
        return Some(expr);
    }
    match expr {
        Expr::Field(field) => value_within(&mut field.base),
        Expr::Index(index) if is_plain_index(&index.index) => value_within(&mut index.expr),
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => value_within(&mut unary.expr),
        Expr::Paren(paren) => value_within(&mut paren.expr),
        Expr::Group(group) => value_within(&mut group.expr),
        _ => None,
    }
}

fn place_probe(receiver: &Expr, span: Span) -> TokenStream {
    dead(&sends(&receiving(receiver), span), span)
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
    let it = Ident::new("__outbox_receiver", span);
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
