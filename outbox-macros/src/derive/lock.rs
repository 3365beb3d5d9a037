//! The test that `schema_lock` writes into the user's crate.
//!
//! It calls a macro of the runtime, which without the feature `schema` says so, in one error.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, GenericParam, Generics};

use super::model::{Arm, Kind, Model, Own, Payload};

pub(super) fn test(model: &Model<'_>) -> TokenStream {
    let Some(word) = &model.schema_lock else { return TokenStream::new() };
    let Model { input, written_root: root, arms, .. } = model;
    let ident = &input.ident;
    let test = format_ident!("schema_lock_{}", snake(&ident.to_string()), span = ident.span());
    let mut copies = Vec::new();
    let mut events = Vec::new();
    for arm in arms {
        let Kind::Own(own) = &arm.kind else { continue };
        let (copy, event) = entry(model, arm, own);
        copies.push(copy);
        events.push(event);
    }
    let body = quote! {
        #(#copies)*
        #root::schema_lock::check(
            ::core::env!("CARGO_MANIFEST_DIR"),
            &[#(#events,)*],
        );
    };
    // What the macro says instead of the body is shown at the user's word.
    let call = shown_at(quote!(#root::__private::schema_lock!), word.span());
    let mut body = Group::new(Delimiter::Brace, body);
    body.set_span(word.span());
    quote! {
        #[cfg(test)]
        #[::core::prelude::v1::test]
        fn #test() {
            #call #body
        }
    }
}

fn shown_at(tokens: TokenStream, span: Span) -> TokenStream {
    let located = |mut token: TokenTree| {
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(located).collect()
}

/// One event. Of an enum it is a copy with this variant alone, so that the schema is the one of its payload.
fn entry(model: &Model<'_>, arm: &Arm<'_>, own: &Own) -> (TokenStream, TokenStream) {
    let Model { input, written_root: root, .. } = model;
    let (ident, name) = (&input.ident, &own.name);
    let version = own.version.base10_parse::<u32>().unwrap_or(1);
    let arguments = arguments(&input.generics);
    let mut path = ident.to_string();
    let (copy, ty) = match arm.variant {
        None => (TokenStream::new(), quote!(#ident #arguments)),
        Some(variant) => {
            path = format!("{path}::{}", variant.ident);
            let module = format_ident!("variant_{}", snake(&variant.ident.to_string()));
            let attributes = input.attrs.iter().filter(|attribute| is_serde(attribute));
            let mut variant = variant.clone();
            variant.attrs.retain(is_serde);
            variant.discriminant = None;
            for field in &mut variant.fields {
                field.attrs.retain(is_serde);
            }
            let (generics, _, clause) = input.generics.split_for_impl();
            let copy = quote! {
                fn #module() -> #root::schema_lock::Value {
                    use #root::__private::schemars as __outbox_schemars;
                    #[derive(__outbox_schemars::JsonSchema)]
                    #[schemars(crate = "__outbox_schemars")]
                    #(#attributes)*
                    #[allow(dead_code)]
                    enum #ident #generics #clause { #variant }
                    #root::schema_lock::schema::<#ident #arguments>()
                }
            };
            (copy, quote!(#module))
        }
    };
    let schema = match (&own.payload, arm.variant) {
        (Payload::Tombstone, _) => quote!(#root::schema_lock::Value::Null),
        (_, Some(_)) => quote!(#ty()),
        (_, None) => {
            let schema = Ident::new("schema", Span::mixed_site().located_at(ident.span()));
            quote!(#root::schema_lock::#schema::<#ty>())
        }
    };
    let copy = if matches!(own.payload, Payload::Tombstone) { TokenStream::new() } else { copy };
    let event = quote! {
        #root::schema_lock::EventSchema::new(
            ::core::concat!(::core::module_path!(), "::", #path), #name, #version, #schema,
        )
    };
    (copy, event)
}

fn is_serde(attribute: &Attribute) -> bool {
    attribute.path().is_ident("serde") || attribute.path().is_ident("schemars")
}

/// `<'static, …>`: only lifetimes are left here.
fn arguments(generics: &Generics) -> TokenStream {
    let lifetimes = generics.params.iter().map(|parameter| match parameter {
        GenericParam::Lifetime(_) => quote!('static),
        other => other.to_token_stream(),
    });
    if generics.params.is_empty() { TokenStream::new() } else { quote!(<#(#lifetimes),*>) }
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for (place, c) in name.trim_start_matches("r#").chars().enumerate() {
        if c.is_uppercase() && place > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
