//! Raw sends: a check by type in front of calls that publish, and for parameters that could.
//!
//! Input: `recv.send(args)` · Output: `pass(if false { check of recv's type; never() }, recv.send(args))`. The dead
//! branch diverges, so moves in the receiver do not count twice; the check is a method of the receiver, so a closure
//! captures what it captured before.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Expr, FnArg, ItemFn, Type};

/// Methods that publish.
const METHODS: [&str; 5] = ["send", "send_result", "send_with_runtime", "produce", "publish"];

/// Puts the check in front of `node`, if that is a call which may publish.
pub(crate) fn check(node: &mut Expr) {
    let probe = match &*node {
        Expr::MethodCall(call) if METHODS.iter().any(|name| call.method == name) && is_place(&call.receiver) => {
            probe(&call.receiver, call.method.span())
        }
        Expr::Call(call) => match (associated_send(&call.func), call.args.first()) {
            (Some(span), Some(first)) if is_place(peeled(first)) => probe(peeled(first), span),
            _ => return,
        },
        _ => return,
    };
    let span = node.span();
    *node = Expr::Verbatim(quote_spanned!(span=> ::outbox::__private::pass(#probe, #node)));
}

/// The span of `send` in `Type::send`.
fn associated_send(function: &Expr) -> Option<Span> {
    let Expr::Path(path) = function else { return None };
    let last = path.path.segments.last()?;
    let associated = path.qself.is_some() || path.path.segments.len() > 1;
    (associated && METHODS.iter().any(|name| last.ident == name)).then(|| last.ident.span())
}

fn peeled(expr: &Expr) -> &Expr {
    match expr {
        Expr::Reference(reference) => peeled(&reference.expr),
        Expr::Paren(paren) => peeled(&paren.expr),
        other => other,
    }
}

/// Places only: anything else would be evaluated, or lose its inference.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.path.get_ident().is_some(),
        Expr::Field(field) => is_place(&field.base),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && is_place(&unary.expr),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Group(group) => is_place(&group.expr),
        _ => false,
    }
}

fn probe(receiver: &Expr, span: Span) -> TokenStream {
    let check = quote_spanned!(span=> check());
    quote_spanned! {span=>
        if false {
            #[allow(unused_imports)]
            use ::outbox::__private::{Accept as _, Refuse as _, TyOf as _};
            #receiver.__outbox_ty().#check;
            ::outbox::__private::never()
        }
    }
}

/// Checks of the parameters' written types: a handler does not even take a producer. Parameters that the body sends
/// on directly are left to the check at the send.
pub(crate) fn parameters(function: &ItemFn) -> TokenStream {
    let body = quote::ToTokens::to_token_stream(&function.block).to_string().replace(' ', "");
    let checks = function.sig.inputs.iter().filter_map(|input| {
        let FnArg::Typed(parameter) = input else { return None };
        if let syn::Pat::Ident(pat) = &*parameter.pat
            && METHODS.iter().any(|name| body.contains(&format!("{}.{name}(", pat.ident)))
        {
            return None;
        }
        let ty = written(&parameter.ty)?;
        let check = quote_spanned!(ty.span()=> check());
        Some(quote_spanned!(ty.span()=> ::outbox::__private::Ty::<#ty>::new().#check;))
    });
    quote_spanned! {Span::mixed_site()=>
        #[allow(unused_imports, clippy::all, clippy::pedantic)]
        if false {
            use ::outbox::__private::{Accept as _, Refuse as _};
            #(#checks)*
        }
    }
}

/// A type that can stand in an expression.
fn written(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Path(path) if !quote::ToTokens::to_token_stream(path).to_string().contains("impl ") => Some(ty),
        Type::Reference(reference) => written(&reference.elem),
        _ => None,
    }
}
