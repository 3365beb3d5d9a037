//! The rows of events, encoded.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit};

use super::options::option;
use super::private;
use crate::emit::form::{Events, Form};
use crate::emit::headers::Header;
use crate::emit::options::Value;

/// `Result<impl AsRef<[Record]>, Error>`; it owns everything, so that temporaries of the events may go.
pub(super) fn rows(form: &Form) -> TokenStream {
    let (private, rows) = (private(Span::call_site()), made(form));
    let is_pairs = |header: &Header| matches!(header, Header::Pairs(_));
    let pairs = form.options.0.iter().any(|option| match &option.value {
        Value::Headers(headers) => headers.0.iter().any(is_pairs),
        Value::Expr(_) => false,
    });
    if !pairs && !matches!(form.events, Events::Iterator(_)) {
        return rows;
    }
    quote!({
        #[allow(unused_imports)]
        use #private::{Each as _, NotEach as _};
        #rows
    })
}

fn made(form: &Form) -> TokenStream {
    let private = private(Span::call_site());
    let options: TokenStream = form.options.0.iter().map(option).collect();
    let event = |event: &Expr| quote_spanned!(event.span()=> #private::record(&(#event)));
    let encoded = match &form.events {
        Events::One(one) => event(one),
        Events::Array(events) => {
            let events = events.iter().map(event);
            quote!(#private::array([#(#events),*]))
        }
        Events::Iterator(events) => {
            let each = each(events);
            quote_spanned!(events.span()=> #private::records(#each))
        }
        Events::Raw => {
            let name = raw_name(form);
            return quote!(#private::Emission::new() #options.raw(#name));
        }
    };
    if form.options.0.is_empty() {
        return quote!(#encoded.rows());
    }
    let encoded_name = Ident::new("encoded", Span::mixed_site());
    quote!({
        let #encoded_name = #encoded;
        #encoded_name.with(#private::Emission::new() #options)
    })
}

/// How errors call an event without a type: by its name where that is known, else by what is written for it.
fn raw_name(form: &Form) -> String {
    let named = form.options.0.iter().find(|option| option.name == "type");
    match named.map(|option| &option.value) {
        Some(Value::Expr(Expr::Lit(ExprLit { lit: Lit::Str(name), .. }))) => name.value(),
        Some(Value::Expr(other)) => quote!(#other).to_string(),
        _ => String::new(),
    }
}

/// What has to be an iterator.
pub(super) fn each(value: &Expr) -> TokenStream {
    let (private, each) = (private(value.span()), Ident::new("each", value.span()));
    quote_spanned!(value.span()=> #private::Probe(#value).#each())
}
