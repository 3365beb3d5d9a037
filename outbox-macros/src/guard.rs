//! Raw sends: a check by type in front of calls that publish, and for parameters that could.
//!
//! Input: `recv.send(args)` · Output: `pass(if false { check of recv's type; never() }, recv.send(args))`. The dead
//! branch diverges, so moves in the receiver do not count twice; the check is a method of the receiver, so a closure
//! captures what it captured before. A receiver that is a value is bound on its way, not evaluated twice.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, FnArg, ItemFn, PatIdent, Type};

use crate::model::Handler;

/// Methods that publish.
const METHODS: [&str; 6] = ["send", "send_result", "send_with_runtime", "begin_transaction", "produce", "publish"];

/// The checks of one handler.
pub(crate) struct Guard<'a> {
    handler: &'a Handler,
    /// Plain names that were checked where they send.
    checked: Vec<Ident>,
    /// A macro's arguments send, and could not be looked into.
    hidden: bool,
}

impl<'a> Guard<'a> {
    pub(crate) fn new(handler: &'a Handler) -> Self {
        Self { handler, checked: Vec::new(), hidden: false }
    }

    /// Puts a check in front of `node`, if it needs one. Called once for each expression, the inner ones first.
    pub(crate) fn expression(&mut self, node: &mut Expr) {
        self.checked.extend(check(node));
    }

    /// Looks at the arguments of a macro that cannot be parsed.
    pub(crate) fn unknown_macro(&mut self, tokens: &TokenStream) {
        self.hidden |= mentioned(tokens.clone());
    }

    /// What stands at the top of the body.
    pub(crate) fn checks(&self) -> TokenStream {
        let mut checks = parameters(&self.handler.function, &self.checked);
        if self.hidden {
            checks.extend(shadow());
        }
        checks
    }
}

fn publishes(name: &Ident) -> bool {
    METHODS.iter().any(|method| name == method)
}

/// Puts the check in front of `node`, if that is a call which may publish. Tells the plain name that was checked.
fn check(node: &mut Expr) -> Option<Ident> {
    let (probe, name) = match &mut *node {
        Expr::MethodCall(call) if publishes(&call.method) => {
            let span = call.method.span();
            if is_place(&call.receiver) {
                (place_probe(&call.receiver, span), plain(&call.receiver))
            } else if is_value(&call.receiver) {
                *call.receiver = Expr::Verbatim(value_probe(&call.receiver, span));
                (quote!(()), None)
            } else {
                return None;
            }
        }
        Expr::Call(call) => match (associated_send(&call.func), call.args.first().map(peeled)) {
            (Some(span), Some(first)) if is_place(first) => (place_probe(first, span), plain(first)),
            _ => return None,
        },
        _ => return None,
    };
    *node = Expr::Verbatim(beside(&probe, node));
    name
}

/// `pass(PROBE, NODE)`, with the attributes of `node` outside: a `cfg` is one of the whole.
fn beside(probe: &TokenStream, node: &Expr) -> TokenStream {
    let mut node = node.clone();
    let attributes: Vec<Attribute> = match &mut node {
        Expr::MethodCall(call) => std::mem::take(&mut call.attrs),
        Expr::Call(call) => std::mem::take(&mut call.attrs),
        _ => Vec::new(),
    };
    let span = Span::mixed_site().located_at(node.span());
    quote_spanned!(span=> #(#attributes)* ::outbox::__private::pass(#probe, #node))
}

/// The name of the receiver, if it is nothing but a name.
fn plain(receiver: &Expr) -> Option<Ident> {
    match receiver {
        Expr::Path(path) => path.path.get_ident().cloned(),
        Expr::Unary(unary) => plain(&unary.expr),
        other if std::ptr::eq(peeled(other), other) => None,
        other => plain(peeled(other)),
    }
}

/// The span of `send` in `Type::send`.
fn associated_send(function: &Expr) -> Option<Span> {
    let Expr::Path(path) = function else { return None };
    let last = path.path.segments.last()?;
    let associated = path.qself.is_some() || path.path.segments.len() > 1;
    (associated && publishes(&last.ident)).then(|| last.ident.span())
}

fn peeled(expr: &Expr) -> &Expr {
    match expr {
        Expr::Reference(reference) => peeled(&reference.expr),
        Expr::Paren(paren) => peeled(&paren.expr),
        Expr::Group(group) => peeled(&group.expr),
        other => other,
    }
}

/// Places: named a second time they cost and move nothing.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.path.get_ident().is_some(),
        Expr::Field(field) => is_place(&field.base),
        Expr::Index(index) => is_place(&index.expr) && is_plain_index(&index.index),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && is_place(&unary.expr),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Group(group) => is_place(&group.expr),
        _ => false,
    }
}

/// Indices that mean the same in a branch that never runs.
fn is_plain_index(expr: &Expr) -> bool {
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
fn is_value(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => is_value(&paren.expr),
        Expr::Group(group) => is_value(&group.expr),
        Expr::MethodCall(_) | Expr::Call(_) | Expr::Reference(_) | Expr::Await(_) | Expr::Try(_) => true,
        Expr::Block(_) | Expr::Unsafe(_) | Expr::If(_) | Expr::Match(_) | Expr::Verbatim(_) => true,
        _ => false,
    }
}

fn place_probe(receiver: &Expr, span: Span) -> TokenStream {
    let receiver = match receiver {
        Expr::Unary(deref) => quote!((#deref)),
        other => quote!(#other),
    };
    probe(&receiver, span)
}

/// `match RECEIVER { it => { PROBE it } }`; the receiver in a call, so that no struct literal stands bare in the `match`.
fn value_probe(receiver: &Expr, span: Span) -> TokenStream {
    let receiver = match receiver {
        Expr::Paren(paren) => &paren.expr,
        other => other,
    };
    // With the user's hygiene, or the error would be shown at the attribute.
    let it = Ident::new("__outbox_receiver", span);
    let probe = probe(&quote!(#it), span);
    let site = Span::mixed_site().located_at(receiver.span());
    quote_spanned!(site=> match ::outbox::__private::pass((), #receiver) { #it => { #probe #it } })
}

fn probe(receiver: &TokenStream, span: Span) -> TokenStream {
    // At the user's token, or the error would be shown at the attribute.
    let check = quote_spanned!(span=> #receiver.__outbox_ty().check());
    let site = Span::mixed_site().located_at(span);
    quote_spanned! {site=>
        if false {
            #[allow(unused_imports)]
            use ::outbox::__private::{Accept as _, Refuse as _, TyOf as _};
            #[allow(clippy::all, clippy::pedantic)]
            #check;
            ::outbox::__private::never()
        }
    }
}

/// Whether the arguments of a macro call a method that publishes.
fn mentioned(tokens: TokenStream) -> bool {
    let mut dot = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            dot = false;
            mentioned(group.stream())
        }
        TokenTree::Ident(name) => std::mem::take(&mut dot) && publishes(&name),
        TokenTree::Punct(punct) => {
            dot = punct.as_char() == '.';
            false
        }
        TokenTree::Literal(_) => false,
    })
}

/// Inside of macros no receiver can be told from other tokens: there, a method that takes precedence over the
/// producers' own does not compile.
fn shadow() -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        #[allow(unused_imports)]
        use ::outbox::__private::shadow::*;
    }
}

/// Checks of the parameters' written types: a handler does not even take a producer. Parameters in `checked` were
/// checked where they send.
fn parameters(function: &ItemFn, checked: &[Ident]) -> TokenStream {
    let mut rebound = Rebound::default();
    rebound.visit_block(&function.block);
    let checks = function.sig.inputs.iter().filter_map(|input| {
        let FnArg::Typed(parameter) = input else { return None };
        if let syn::Pat::Ident(pat) = &*parameter.pat
            && checked.contains(&pat.ident)
            && !rebound.0.contains(&pat.ident)
        {
            return None;
        }
        let ty = written(&parameter.ty)?;
        let cfgs = parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
        let check = quote_spanned!(ty.span()=> check());
        Some(quote_spanned!(ty.span()=> #(#cfgs)* ::outbox::__private::Ty::<#ty>::new().#check;))
    });
    quote_spanned! {Span::mixed_site()=>
        #[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)]
        if false {
            use ::outbox::__private::{Accept as _, Refuse as _};
            #(#checks)*
        }
    }
}

/// Names that a body binds: they may not mean the parameter any more.
#[derive(Default)]
pub(crate) struct Rebound(pub(crate) Vec<Ident>);

impl<'ast> Visit<'ast> for Rebound {
    fn visit_pat_ident(&mut self, node: &'ast PatIdent) {
        self.0.push(node.ident.clone());
        visit::visit_pat_ident(self, node);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// A type that can stand in an expression.
fn written(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Path(_) if !opaque(ty) => Some(ty),
        Type::Reference(reference) => written(&reference.elem),
        Type::Paren(paren) => written(&paren.elem),
        Type::Group(group) => written(&group.elem),
        _ => None,
    }
}

/// Whether there is an `impl Trait` in `ty`.
pub(crate) fn opaque(ty: &Type) -> bool {
    struct Opaque(bool);
    impl<'ast> Visit<'ast> for Opaque {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut found = Opaque(false);
    found.visit_type(ty);
    found.0
}
