//! The arguments of a body that stands in an async block of its own.
//!
//! Input: `(mut a, b): (A, B), c: &mut C, d: &D` · Output, once: `let mut a = a; let mut b = b;`; for each attempt of
//! `retry`: `let mut a = again(&a); let mut b = again(&b); let c = &mut *c;`. Names that the body does not mention are
//! left alone, so their types need no `Clone`.
//!
//! The block captures what it only looks at by `&`, which is `Send` for `Sync` types only; a `&mut` in a dead branch makes
//! that `&mut`, which is `Send` where the argument is. It is not moved in, or it would be dropped before COMMIT.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, FnArg, ItemFn, Pat, PatIdent, PatReference, Type};

/// What becomes of the arguments.
#[derive(Default)]
pub(super) struct Arguments {
    /// In front of the block.
    pub(super) bind: TokenStream,
    /// In it.
    pub(super) hold: TokenStream,
}

impl Arguments {
    /// Of a body that runs once. A `mut` moves from the parameter to the front of the block.
    pub(super) fn once(function: &mut ItemFn) -> Self {
        Self::new(function, false)
    }

    /// Of a body that runs again. The same.
    pub(super) fn again(function: &mut ItemFn) -> Self {
        Self::new(function, true)
    }

    fn new(function: &mut ItemFn, again: bool) -> Self {
        let body = function.block.to_token_stream();
        let mut arguments = Self::default();
        for input in &mut function.sig.inputs {
            let FnArg::Typed(parameter) = input else { continue };
            let how = match (&*parameter.ty, &*parameter.pat) {
                (Type::Reference(reference), _) if reference.mutability.is_some() => How::Reborrow,
                // Copied as they are used.
                (Type::Reference(_), Pat::Ident(_)) => continue,
                _ => How::Own,
            };
            let conditions =
                parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
            let mut bindings = Bindings { body: &body, again, how, conditions, arguments: &mut arguments };
            bindings.visit_pat_mut(&mut parameter.pat);
        }
        arguments
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Own,
    Reborrow,
}

struct Bindings<'a> {
    body: &'a TokenStream,
    again: bool,
    how: How,
    conditions: Vec<Attribute>,
    arguments: &'a mut Arguments,
}

impl VisitMut for Bindings<'_> {
    fn visit_pat_ident_mut(&mut self, node: &mut PatIdent) {
        visit_mut::visit_pat_ident_mut(self, node);
        let name = &node.ident;
        // A constant or a unit struct binds nothing.
        let binds = node.by_ref.is_some()
            || node.mutability.is_some()
            || !name.to_string().starts_with(|first: char| first.is_uppercase());
        if !binds || !mentions(self.body.clone(), name) {
            return;
        }
        let site = Span::mixed_site().located_at(name.span());
        let conditions = &self.conditions;
        let lints = quote!(#[allow(clippy::all, clippy::pedantic)]);
        if self.how == How::Own && node.by_ref.is_none() {
            node.mutability = None;
            let value = if self.again {
                quote_spanned!(site=> ::outbox::__private::Argument(&#name).again())
            } else {
                quote!(#name)
            };
            self.arguments.bind.extend(quote_spanned!(site=> #(#conditions)* #lints let mut #name = #value;));
            self.arguments.hold.extend(quote_spanned!(site=> #(#conditions)* let _ = &mut #name;));
        } else if self.again {
            let unique = self.how == How::Reborrow || node.mutability.is_some();
            let mutability = if node.by_ref.is_none() { node.mutability.take() } else { None };
            let value = if unique { quote!(&mut *#name) } else { quote!(&*#name) };
            self.arguments.bind.extend(quote_spanned!(site=> #(#conditions)* #lints let #mutability #name = #value;));
        }
    }

    /// Behind `&mut` in the pattern there are values.
    fn visit_pat_reference_mut(&mut self, node: &mut PatReference) {
        let outer = std::mem::replace(&mut self.how, How::Own);
        visit_mut::visit_pat_reference_mut(self, node);
        self.how = outer;
    }

    fn visit_expr_mut(&mut self, _: &mut syn::Expr) {}
}

/// Whether `name` stands in `tokens`, or in braces in a text, where macros like `format!` take it from.
fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Literal(literal) => literal.to_string().contains(&format!("{{{name}")),
        TokenTree::Punct(_) => false,
    })
}
