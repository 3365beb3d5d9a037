//! `retry = N`: the arguments of each attempt.
//!
//! Input: `(mut a, b): (A, B), c: &mut C, d: &D` · Output: `let mut a = again(&a); let b = again(&b); let c = &mut *c;`.
//! Names that the body does not mention are left alone, so their types need no `Clone`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, FnArg, ItemFn, Pat, PatIdent, PatReference, Type};

/// What stands in front of the body in each attempt. A `mut` moves there from the parameter.
pub(super) fn arguments(function: &mut ItemFn) -> TokenStream {
    let body = function.block.to_token_stream();
    let mut output = TokenStream::new();
    for input in &mut function.sig.inputs {
        let FnArg::Typed(parameter) = input else { continue };
        let how = match (&*parameter.ty, &*parameter.pat) {
            (Type::Reference(reference), _) if reference.mutability.is_some() => How::Reborrow,
            // Copied as they are used.
            (Type::Reference(_), Pat::Ident(_)) => continue,
            _ => How::Clone,
        };
        let conditions = parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
        let mut bindings = Bindings { body: &body, how, conditions, output: &mut output };
        bindings.visit_pat_mut(&mut parameter.pat);
    }
    output
}

#[derive(Clone, Copy)]
enum How {
    Clone,
    Reborrow,
}

struct Bindings<'a> {
    body: &'a TokenStream,
    how: How,
    conditions: Vec<Attribute>,
    output: &'a mut TokenStream,
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
        let by_unique_reference = node.by_ref.is_some() && node.mutability.is_some();
        let mutability = if node.by_ref.is_some() { None } else { node.mutability.take() };
        let conditions = &self.conditions;
        let value = match self.how {
            How::Clone if !by_unique_reference => {
                quote_spanned!(Span::mixed_site().located_at(name.span())=> ::outbox::__private::Argument(&#name).again())
            }
            _ => quote!(&mut *#name),
        };
        self.output.extend(quote! {
            #(#conditions)*
            #[allow(clippy::all, clippy::pedantic)]
            let #mutability #name = #value;
        });
    }

    /// Behind `&mut` in the pattern there are values.
    fn visit_pat_reference_mut(&mut self, node: &mut PatReference) {
        let outer = std::mem::replace(&mut self.how, How::Clone);
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
