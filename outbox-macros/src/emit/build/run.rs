//! Code of a run: a collector in front, `emit!`s that push to it, one INSERT behind.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Stmt, parse_quote};

use super::rows::rows;
use super::{Way, method, private, stored};
use crate::emit::form::Form;

/// Name of a run's collector; of a reference to it, so that a `move` closure leaves it where it is.
pub(crate) fn collector(emit: Span) -> Ident {
    Ident::new("collector", Span::mixed_site().located_at(emit))
}

fn collected(emit: Span) -> Ident {
    Ident::new("collected", Span::mixed_site().located_at(emit))
}

/// Input: `emit!(EVENT)` in a run · Output: `collector.push(ROWS)`.
pub(in crate::emit) fn collect(collector: &Ident, form: &Form) -> TokenStream {
    let (private, rows) = (private(collector.span()), rows(form));
    // Through the reference, so that a closure borrows the collector itself.
    quote!(#private::Collector::push(&*#collector, #rows))
}

/// What stands before the first statement of a run.
pub(crate) fn start(emit: Span) -> [Stmt; 2] {
    let (private, collected, collector) = (private(emit), collected(emit), collector(emit));
    [parse_quote!(let #collected = #private::Collector::new();), parse_quote!(let #collector = &#collected;)]
}

/// What stands behind its last one: the INSERT.
pub(crate) fn flush(tx: &Ident, way: &Way, emit: Span) -> Stmt {
    let (private, collected) = (private(emit), collected(emit));
    let tx = Ident::new(&tx.to_string(), tx.span().located_at(emit));
    let call = method(&quote!(#tx), &quote!(#private::Collector::end(#collected)), emit);
    let insert = stored(&quote!(), &call, emit, way);
    parse_quote! {
        #[allow(unreachable_code, clippy::all, clippy::pedantic)]
        #insert;
    }
}
