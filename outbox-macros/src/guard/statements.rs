//! Statements beside the transaction: `.execute(&self.pool)`, `pool.begin()`, on what comes from a parameter.
//!
//! Input: `query.execute(&app.pool)` · Output: the same with a check in a dead branch: if `query` is one of sqlx's
//! statements and `app.pool` a pool or a connection, it does not compile.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, ExprCall, ExprMethodCall};

use super::places::{Base, Roots};
use super::probes::{beside, bound, dead, receiving};
use super::receivers::{is_place, is_value};
use super::sqlx::{executes, is_executor, is_query, opens};
use crate::args::Opens;
use crate::model::{Behind, Handler};

/// What the checks of a handler need to know.
pub(super) struct Statements<'a> {
    tx: Option<&'a Ident>,
    opens: Option<&'a Opens>,
    /// The last step of a check: its message has the remedy in the form that this handler needs.
    judge: &'static str,
}

impl<'a> Statements<'a> {
    pub(super) fn new(handler: &'a Handler) -> Self {
        let joined = handler.behind == Behind::Theirs;
        Self {
            tx: handler.tx.as_ref(),
            opens: handler.args.opens.as_ref(),
            judge: if joined { "__outbox_joined" } else { "__outbox_opened" },
        }
    }

    /// Puts a check in front of `node`, if it needs one.
    pub(super) fn check(&self, roots: &Roots, node: &mut Expr) {
        let probe = match node {
            Expr::MethodCall(call) => self.method(roots, call),
            Expr::Call(call) => self.function(roots, call),
            _ => None,
        };
        if let Some(probe) = probe {
            *node = beside(&probe, node);
        }
    }

    fn method(&self, roots: &Roots, call: &mut ExprMethodCall) -> Option<TokenStream> {
        let is_statement = executes(&call.method);
        if !is_statement && !opens(&call.method) {
            return None;
        }
        let span = call.method.span();
        let mut checks = TokenStream::new();
        if let Some(base) = self.base(roots, &call.receiver) {
            checks.extend(self.on(&base, &sql(base.last)));
        }
        if is_statement && let Some(base) = call.args.first().and_then(|argument| self.base(roots, argument)) {
            if is_place(&call.receiver) {
                let receiver = receiving(&call.receiver);
                let kind = quote_spanned!(base.last=> #receiver.__outbox_ty().__outbox_statement());
                checks.extend(self.on(&base, &kind));
            } else if is_value(&call.receiver) {
                *call.receiver = bound(&call.receiver, base.last, |it| {
                    let kind = quote_spanned!(base.last=> #it.__outbox_ty().__outbox_statement());
                    self.on(&base, &kind)
                });
            } else {
                // `query!(…)`, for one.
                checks.extend(self.on(&base, &sql(base.last)));
            }
        }
        (!checks.is_empty()).then(|| dead(&checks, span))
    }

    /// `sqlx::Executor::execute(pool, …)`
    fn function(&self, roots: &Roots, call: &ExprCall) -> Option<TokenStream> {
        let Expr::Path(path) = &*call.func else { return None };
        let mut names = path.path.segments.iter().rev().map(|segment| &segment.ident);
        let (method, owner) = (names.next()?, names.next()?);
        let is_statement = executes(method);
        let argument = if is_executor(owner) && (is_statement || opens(method)) {
            call.args.first()
        } else if is_statement && is_query(owner) {
            call.args.get(1)
        } else {
            None
        };
        let base = self.base(roots, argument?)?;
        Some(dead(&self.on(&base, &sql(base.last)), base.last))
    }

    /// `root.fields.method(…)` in a macro, by its parts.
    pub(super) fn receiver(&self, method: &Ident, base: &Base) -> TokenStream {
        let is_tx = self.tx == Some(&base.root);
        if is_tx || !(executes(method) || opens(method)) {
            return TokenStream::new();
        }
        self.on(base, &sql(base.last))
    }

    /// `.method(BASE)` in a macro.
    pub(super) fn argument(&self, method: &Ident, base: &Base) -> TokenStream {
        if self.tx == Some(&base.root) || !executes(method) {
            return TokenStream::new();
        }
        self.on(base, &sql(base.last))
    }

    /// The place below a parameter, or the `tx =` expression, that is not the transaction.
    fn base(&self, roots: &Roots, expr: &Expr) -> Option<Base> {
        if let Some(base) = roots.base(expr) {
            return (self.tx != Some(&base.root)).then_some(base);
        }
        // A static, or a function: with a name of the body's own it may not be what the transaction was opened from.
        let from = &self.opens?.from;
        if first_name(from.to_token_stream()).is_none_or(|name| name == "self" || roots.is_bound(&name)) {
            return None;
        }
        let inner = referred(expr);
        let tokens = inner.to_token_stream();
        if tokens.to_string() != referred(from).to_token_stream().to_string() {
            return None;
        }
        let last = tokens.clone().into_iter().last()?.span();
        let last = last_name(inner).unwrap_or(last);
        Some(Base { tokens: quote_spanned!(last=> (#tokens)), root: Ident::new("_", last), last, local: false })
    }

    /// The check of one place.
    fn on(&self, base: &Base, kind: &TokenStream) -> TokenStream {
        let (place, span) = (&base.tokens, base.last);
        let judge = Ident::new(self.judge, span);
        let class = Ident::new(if base.local { "__outbox_pooled" } else { "__outbox_beside" }, span);
        quote_spanned!(span=> #place.__outbox_ty().#class().__outbox_with(#kind).#judge();)
    }
}

/// What `expr` is a reference to.
fn referred(mut expr: &Expr) -> &Expr {
    while let Expr::Reference(syn::ExprReference { expr: inner, .. })
    | Expr::Paren(syn::ExprParen { expr: inner, .. }) = expr
    {
        expr = inner;
    }
    expr
}

fn first_name(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        proc_macro2::TokenTree::Ident(name) => Some(name),
        proc_macro2::TokenTree::Group(group) => first_name(group.stream()),
        _ => None,
    })
}

fn last_name(expr: &Expr) -> Option<Span> {
    match expr {
        Expr::Path(path) => path.path.segments.last().map(|last| last.ident.span()),
        Expr::Call(call) => last_name(&call.func),
        Expr::MethodCall(call) => Some(call.method.span()),
        Expr::Field(field) => match &field.member {
            syn::Member::Named(name) => Some(name.span()),
            syn::Member::Unnamed(_) => None,
        },
        _ => None,
    }
}

fn sql(span: Span) -> TokenStream {
    quote_spanned!(span=> ::outbox::__private::Sql)
}
