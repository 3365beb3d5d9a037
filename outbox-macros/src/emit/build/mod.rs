//! Code of an `emit!`: events are encoded, then the transaction is borrowed for the insert, then errors leave.

mod options;
mod rows;
mod run;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

pub(super) use run::collect;
pub(crate) use run::{collector, flush, start};

use super::form::Form;
use super::{Target, Way, leave};
use options::is_none;
use rows::rows;

/// Input: `emit!(PLACE => EVENT)`.
pub(super) fn insert_named(way: &Way, form: &Form) -> TokenStream {
    let place = form.place.iter();
    let tx = match &form.place {
        Some(Expr::Unary(_)) => quote!((#(#place)*)),
        _ => quote!(#(#place)*),
    };
    let at = form.place.as_ref().map_or_else(Span::call_site, Spanned::span);
    encoded(form, &method(&tx, &records(), at), at, way)
}

/// Input: `emit!(EVENT)` · Output: encode; insert into `tx`; leave on an error. What is wrong with `tx` is told there.
pub(super) fn insert(target: &Target, tx: &Ident, way: &Way, form: &Form) -> TokenStream {
    let (at, records) = (tx.span(), records());
    let call = match target {
        Target::Reference(tx) => {
            let (private, insert) = (private(at), insert_method(at));
            quote!(#private::Insert::#insert(&mut *#tx, #records))
        }
        _ => method(&quote!(#tx), &quote!(#records), at),
    };
    encoded(form, &call, at, way)
}

fn records() -> TokenStream {
    let records = Ident::new("records", Span::mixed_site());
    quote!(#records)
}

/// Events are encoded before the transaction is borrowed.
fn encoded(form: &Form, call: &TokenStream, at: Span, way: &Way) -> TokenStream {
    let (records, rows) = (records(), rows(form));
    stored(&quote!(let #records = #rows;), call, at, way)
}

/// `TX.insert(RECORDS)`: method lookup finds the transaction behind references and pointers.
fn method(tx: &TokenStream, records: &TokenStream, at: Span) -> TokenStream {
    let (private, insert) = (private(at), insert_method(at));
    quote! {
        {
            #[allow(unused_imports)]
            use #private::Insert as _;
            #tx.#insert(#records)
        }
    }
}

fn stored(before: &TokenStream, insert: &TokenStream, at: Span, way: &Way) -> TokenStream {
    let private = private(at);
    let error = Ident::new("error", Span::mixed_site());
    let site = Span::mixed_site().located_at(at);
    let left = match way {
        Way::Handler(output) => leave(output, &error),
        Way::Block => quote_spanned!(site=> return #private::leave(#error)),
    };
    let wait = quote_spanned!(site=> .await);
    quote! {
        match {
            #before
            #insert
        } #wait {
            ::core::result::Result::Ok(()) => (),
            ::core::result::Result::Err(#error) => #left,
        }
    }
}

/// All parts are named, so that their types and what they use are used, and nothing comes of it.
pub(super) fn unused(form: &Form) -> TokenStream {
    let parts = form.place.iter().chain(form.expressions()).filter(|part| !is_none(part));
    quote!({
        if false {
            #(let _ = &(#parts);)*
        }
    })
}

/// With a span, because a bound that is not met may be told at any part of a path.
fn private(at: Span) -> TokenStream {
    let at = Span::mixed_site().located_at(at);
    quote_spanned!(at=> ::outbox::__private)
}

fn insert_method(at: Span) -> Ident {
    Ident::new("__outbox_emit", Span::mixed_site().located_at(at))
}
