//! Options as calls: `.key(&(VALUE))`.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::rows::each;
use crate::emit::headers::{Header, Headers};
use crate::emit::options::{EmitOption, Value};

/// With the value's span, so that its errors are shown there.
pub(super) fn option(option: &EmitOption) -> TokenStream {
    let value = match &option.value {
        Value::Headers(headers) => return header_calls(headers),
        Value::Expr(value) => value,
    };
    let span = value.span();
    let method = |name: &str| Ident::new(name, span);
    match option.name.to_string().as_str() {
        "key" if is_none(value) => quote!(.no_key()),
        "payload" if is_none(value) => quote!(.tombstone()),
        "key" => by_reference(&method("key"), value),
        "topic" => by_reference(&method("topic"), value),
        "type" => by_reference(&method("name"), value),
        "content_type" => by_reference(&method("content_type"), value),
        "json" => by_reference(&method("json"), value),
        "delay" if is_none(value) => quote!(),
        "delay" => by_value(&method("delay"), value),
        "version" => by_value(&method("version"), value),
        _ => by_value(&method("payload"), value),
    }
}

fn by_reference(method: &Ident, value: &Expr) -> TokenStream {
    quote_spanned!(value.span()=> .#method(&(#value)))
}

fn by_value(method: &Ident, value: &Expr) -> TokenStream {
    quote_spanned!(value.span()=> .#method(#value))
}

fn header_calls(headers: &Headers) -> TokenStream {
    let call = |header: &Header| match header {
        Header::Pair(name, value) if is_none(value) => quote_spanned!(name.span()=> .null_header(&(#name))),
        Header::Pair(name, value) => {
            let name = quote_spanned!(name.span()=> &(#name));
            let value = quote_spanned!(value.span()=> &(#value));
            quote_spanned!(value.span()=> .header(#name, #value))
        }
        Header::Pairs(pairs) => {
            let each = each(pairs);
            quote_spanned!(pairs.span()=> .headers(#each))
        }
    };
    headers.0.iter().map(call).collect()
}

/// A bare `None`, whose type nobody could tell.
pub(super) fn is_none(value: &Expr) -> bool {
    match value {
        Expr::Group(group) => is_none(&group.expr),
        Expr::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| last.ident == "None" && last.arguments.is_none())
        }
        _ => false,
    }
}
