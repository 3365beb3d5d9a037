//! The impl of `Event`.
//!
//! Third phase. Input: a model without mistakes · Output: one impl, each method a `match` over the arms.

mod fallback;
mod method;
mod values;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

pub(super) use fallback::fallback;

use super::bounds::bounds;
use super::model::{Kind, Model, Payload};
use method::method;
use values::{argument, bound, json, mixed, receiver, topic};

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
