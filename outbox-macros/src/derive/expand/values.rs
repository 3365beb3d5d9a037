//! Values of one arm, as code in a method.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, Path};

use crate::derive::model::Arm;
use crate::derive::options::text;
use crate::derive::value::Value;

/// The `self` of the method, shown at `span`.
pub(super) fn receiver(span: Span) -> Ident {
    Ident::new("self", Span::call_site().located_at(span))
}

pub(super) fn mixed(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// `value` with what it names bound before it.
pub(super) fn bound(arm: &Arm<'_>, value: &Expr, make: impl FnOnce(&Value) -> TokenStream) -> TokenStream {
    let value = Value::new(value, arm.fields);
    let made = make(&value);
    if value.bindings.is_empty() {
        return made;
    }
    let (path, bindings) = (arm.path(), &value.bindings);
    // The arm is known to be this one: the other way is never taken.
    quote!({
        #[allow(irrefutable_let_patterns, non_shorthand_field_patterns, unused_variables)]
        let #path { #(#bindings,)* .. } = self else { #[allow(unreachable_code)] { ::core::unreachable!() } };
        #made
    })
}

/// A reference to the value, each token at the user's value.
pub(super) fn argument(value: &Value) -> TokenStream {
    let tokens = &value.tokens;
    let span = mixed(value.span);
    if value.field.is_some() { tokens.clone() } else { quote_spanned!(span=> &(#tokens)) }
}

pub(super) fn topic(root: &Path, arm: &Arm<'_>, topic: &Expr) -> TokenStream {
    match text(topic) {
        Some(literal) => quote!(#root::__private::Cow::Borrowed(#literal)),
        None => bound(arm, topic, |value| {
            let topic = Ident::new("topic", mixed(value.span));
            let value = argument(value);
            quote!(#root::__private::Cow::Owned(#root::__private::#topic(#value)))
        }),
    }
}

/// A missing `Serialize` is told at the type's name.
pub(super) fn json(root: &Path, ident: &Ident) -> TokenStream {
    let span = mixed(ident.span());
    let json = Ident::new("json", span);
    let value = receiver(span);
    quote!(#root::__private::#json(#value))
}
