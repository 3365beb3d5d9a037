//! The impl of `Event`.
//!
//! Third phase. Input: a model without mistakes · Output: one impl, each method a `match` over the arms.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Expr, Path};

use super::bounds::bounds;
use super::model::{Arm, Kind, Model, Own, Payload};
use super::options::text;
use super::value::Value;

pub(super) fn event(model: &Model<'_>) -> TokenStream {
    let Model { input, root, .. } = model;
    let name = method(model, &quote!(name), &quote!(), |_, own| own.name.to_token_stream());
    let version = method(model, &quote!(version), &quote!(), |_, own| {
        let number = own.version.base10_parse::<u32>().unwrap_or(1);
        quote!(#number)
    });
    let topic = method(model, &quote!(topic), &quote!(), |arm, own| topic(root, arm, &own.topic));
    let key = method(model, &quote!(key), &quote!(), |arm, own| match &own.key {
        None => quote!(::core::option::Option::None),
        Some(key) => bound(arm, key, |value| {
            let key = Ident::new("key", mixed(value.span));
            let value = argument(value);
            quote!(#root::__private::#key(#value))
        }),
    });
    let sink = Ident::new("headers", Span::mixed_site());
    let headers = method(model, &quote!(headers), &quote!(#sink), |arm, own| {
        let puts = own.headers.iter().map(|header| {
            let name = &header.name;
            bound(arm, &header.value, |value| {
                let put = Ident::new("header", mixed(value.span));
                let value = argument(value);
                quote!(#root::__private::#put(#sink, #name, #value);)
            })
        });
        quote!({ #(#puts)* })
    });
    let content_type =
        method(model, &quote!(content_type), &quote!(), |_, own| match (&own.content_type, &own.payload) {
            (Some(content_type), _) => content_type.to_token_stream(),
            (None, Payload::Encoder(_)) => quote!("application/octet-stream"),
            (None, _) => quote!("application/json"),
        });
    let encode = method(model, &quote!(encode), &quote!(), |_, own| match &own.payload {
        Payload::Json => json(root, &input.ident),
        Payload::Tombstone => quote!(#root::__private::tombstone(self)),
        Payload::Encoder(encoder) => {
            let span = mixed(encoder.span());
            let (payload, value) = (Ident::new("payload", span), receiver(span));
            quote_spanned!(span=> #root::__private::#payload((#encoder)(#value)))
        }
    });
    let generics = bounds(model);
    let ident = &input.ident;
    let (generics, arguments, clause) = generics.split_for_impl();
    let unused = model.arms.iter().all(|arm| matches!(&arm.kind, Kind::Own(own) if own.headers.is_empty()));
    let headers = (!unused).then(|| {
        quote! {
            fn headers(&self, #sink: &mut dyn #root::event::HeaderSink) {
                #headers
            }
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #root::Event for #ident #arguments #clause {
            fn name(&self) -> &'static ::core::primitive::str {
                #name
            }
            fn version(&self) -> ::core::primitive::u32 {
                #version
            }
            fn topic(&self) -> #root::__private::Cow<'_, ::core::primitive::str> {
                #topic
            }
            fn key(&self) -> ::core::option::Option<#root::__private::Vec<::core::primitive::u8>> {
                #key
            }
            #headers
            fn content_type(&self) -> &'static ::core::primitive::str {
                #content_type
            }
            fn encode(&self) -> ::core::result::Result<
                ::core::option::Option<#root::__private::Vec<::core::primitive::u8>>,
                #root::event::BoxError,
            > {
                #encode
            }
        }
    }
}

/// An impl for a type whose options have mistakes: it is there, and it is never run.
pub(super) fn fallback(input: &DeriveInput, root: &Path) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, clause) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #root::Event for #ident #arguments #clause {
            fn name(&self) -> &'static ::core::primitive::str {
                ""
            }
            fn version(&self) -> ::core::primitive::u32 {
                1
            }
            fn topic(&self) -> #root::__private::Cow<'_, ::core::primitive::str> {
                #root::__private::Cow::Borrowed("")
            }
            fn key(&self) -> ::core::option::Option<#root::__private::Vec<::core::primitive::u8>> {
                ::core::option::Option::None
            }
            fn encode(&self) -> ::core::result::Result<
                ::core::option::Option<#root::__private::Vec<::core::primitive::u8>>,
                #root::event::BoxError,
            > {
                ::core::result::Result::Ok(::core::option::Option::None)
            }
        }
    }
}

/// A body: one value for a struct or where all arms agree, else a `match`.
fn method(
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

/// The `self` of the method, shown at `span`.
fn receiver(span: Span) -> Ident {
    Ident::new("self", Span::call_site().located_at(span))
}

fn mixed(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// `value` with what it names bound before it.
fn bound(arm: &Arm<'_>, value: &Expr, make: impl FnOnce(&Value) -> TokenStream) -> TokenStream {
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
fn argument(value: &Value) -> TokenStream {
    let tokens = &value.tokens;
    let span = mixed(value.span);
    if value.field.is_some() { tokens.clone() } else { quote_spanned!(span=> &(#tokens)) }
}

fn topic(root: &Path, arm: &Arm<'_>, topic: &Expr) -> TokenStream {
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
fn json(root: &Path, ident: &Ident) -> TokenStream {
    let span = mixed(ident.span());
    let json = Ident::new("json", span);
    let value = receiver(span);
    quote!(#root::__private::#json(#value))
}
