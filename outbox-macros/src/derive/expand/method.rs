//! The body of a method, over all arms.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;

use super::mixed;
use crate::derive::model::{Arm, Kind, Model, Own};

/// One value for a struct or where all arms agree, else a `match`.
pub(super) fn method(
    model: &Model<'_>,
    name: &TokenStream,
    argument: &TokenStream,
    body: impl Fn(&Arm<'_>, &Own) -> TokenStream,
) -> TokenStream {
    let root = &model.root;
    let inner = Ident::new("inner", Span::mixed_site());
    let arms: Vec<(TokenStream, TokenStream)> = model
        .arms
        .iter()
        .map(|arm| {
            let path = arm.path();
            match &arm.kind {
                Kind::Own(own) => (quote!(#path { .. }), body(arm, own)),
                Kind::Transparent => {
                    let member = arm.fields.members().next();
                    let ty = arm.fields.iter().next().map(|field| field.ty.span());
                    let event = Ident::new("Event", mixed(ty.unwrap_or_else(Span::call_site)));
                    let value = Ident::new("inner", event.span());
                    let call = quote!(#root::#event::#name(#value, #argument));
                    (quote!(#path { #member: #inner }), call)
                }
            }
        })
        .collect();
    let simple = model.arms.iter().all(|arm| matches!(arm.kind, Kind::Own(_)));
    match arms.as_slice() {
        [(pattern, value)] if !simple => quote!(let #pattern = self; #value),
        [(_, value)] => value.clone(),
        [(_, first), rest @ ..]
            if simple
                && rest.iter().all(|(_, value)| value.to_string() == first.to_string())
                && !first.to_string().contains("Self ::") =>
        {
            first.clone()
        }
        arms => {
            let arms = arms.iter().map(|(pattern, value)| quote!(#pattern => #value,));
            quote!(match self { #(#arms)* })
        }
    }
}
