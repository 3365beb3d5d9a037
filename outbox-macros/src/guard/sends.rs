//! Calls that publish: a check of the receiver's type in front of each.
//!
//! Input: `recv.send(args)` · Output: `pass(if false { check of recv's type; never() }, recv.send(args))`. The dead
//! branch diverges, so moves in the receiver do not count twice; the check is a method of the receiver, so a closure
//! captures what it captured before. A receiver that is a value is bound on its way, not evaluated twice.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Expr;

use super::places::Roots;
use super::probes::{RECEIVER, beside, bound, dead, receiving, sends};
use super::receivers::{is_place, is_value, peeled, peeled_mut, value_within};

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

/// The span of `send` in `Type::send`.
fn associated_send(function: &Expr) -> Option<Span> {
    let Expr::Path(path) = function else { return None };
    let last = path.path.segments.last()?;
    let associated = path.qself.is_some() || path.path.segments.len() > 1;
    (associated && publishes(&last.ident)).then(|| last.ident.span())
}

/// `value.field.field` and the like: the value is bound on its way to its field, and the field is checked. Tells the
/// place as it was written.
fn part_of_a_value(receiver: &mut Expr, span: Span) -> Option<String> {
    let place = receiver.to_token_stream().to_string();
    // With the user's hygiene, or the error would be shown at the attribute.
    let it = Ident::new(RECEIVER, span);
    let mut part = receiver.clone();
    *value_within(&mut part)? = Expr::Verbatim(quote!(#it));
    let value = value_within(receiver)?;
    *value = bound(value, span, |_| sends(&receiving(&part), span));
    Some(place)
}

fn place_probe(receiver: &Expr, span: Span) -> TokenStream {
    dead(&sends(&receiving(receiver), span), span)
}
