//! Code of an `emit!`: events are encoded, then the transaction is borrowed for the insert, then errors leave.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, Stmt, Type, parse_quote};

use super::form::{Events, Form};
use super::headers::{Header, Headers};
use super::options::{EmitOption, Value};
use super::{Target, Way};

/// With a span, because a bound that is not met may be told at any part of a path.
fn private(at: Span) -> TokenStream {
    let at = Span::mixed_site().located_at(at);
    quote_spanned!(at=> ::outbox::__private)
}

/// Name of a run's collector; of a reference to it, so that a `move` closure leaves it where it is.
pub(crate) fn collector(emit: Span) -> Ident {
    Ident::new("collector", Span::mixed_site().located_at(emit))
}

fn collected(emit: Span) -> Ident {
    Ident::new("collected", Span::mixed_site().located_at(emit))
}

/// Input: `emit!(EVENT)` in a run · Output: `collector.push(ROWS)`.
pub(super) fn collect(collector: &Ident, form: &Form) -> TokenStream {
    let (private, rows) = (private(collector.span()), rows(form));
    // Through the reference, so that a closure borrows the collector itself.
    quote!(#private::Collector::push(&*#collector, #rows))
}

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
            let (private, insert) = (private(at), Ident::new("__outbox_emit", Span::mixed_site().located_at(at)));
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
    let (private, insert) = (private(at), Ident::new("__outbox_emit", Span::mixed_site().located_at(at)));
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
    let leave = match way {
        Way::Handler(output) => self::leave(output, &error),
        Way::Block => quote_spanned!(site=> return #private::leave(#error)),
    };
    let wait = quote_spanned!(site=> .await);
    quote! {
        match {
            #before
            #insert
        } #wait {
            ::core::result::Result::Ok(()) => (),
            ::core::result::Result::Err(#error) => #leave,
        }
    }
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

/// `Result<impl AsRef<[Record]>, Error>`; it owns everything, so that temporaries of the events may go.
fn rows(form: &Form) -> TokenStream {
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

/// `.key(&(VALUE))` and its like, with the value's span, so that its errors are shown there.
fn option(option: &EmitOption) -> TokenStream {
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

/// What has to be an iterator.
fn each(value: &Expr) -> TokenStream {
    let (private, each) = (private(value.span()), Ident::new("each", value.span()));
    quote_spanned!(value.span()=> #private::Probe(#value).#each())
}

/// A bare `None`, whose type nobody could tell.
fn is_none(value: &Expr) -> bool {
    match value {
        Expr::Group(group) => is_none(&group.expr),
        Expr::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| last.ident == "None" && last.arguments.is_none())
        }
        _ => false,
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

/// Leaves a handler, whose error type is `output`, with an `error` of ours.
pub(crate) fn leave(output: &Type, error: &Ident) -> TokenStream {
    let converted = converted(output, error);
    let failed = quote_spanned!(site(output)=> ::outbox::__private::failed(#converted));
    quote!(return #failed)
}

/// Where code stands that depends on the return type. Of an alias, all of it stands exactly there: then a type that is
/// no `Result` is told once, where it is written.
pub(crate) fn site(error: &Type) -> Span {
    let span = error.span();
    match error {
        Type::Path(path) if path.qself.is_some() => span,
        _ => Span::mixed_site().located_at(span),
    }
}

/// A function from our error to `error`.
pub(crate) fn convert(error: &Type) -> TokenStream {
    let argument = Ident::new("error", Span::mixed_site());
    let converted = converted(error, &argument);
    quote_spanned!(site(error)=> (|#argument: ::outbox::Error| #converted))
}

/// Our error `ours` as one of the type `error`. A missing `From` is told at `error`, so it is told once.
fn converted(error: &Type, ours: &Ident) -> TokenStream {
    let call = quote_spanned!(error.span()=> convert(#ours));
    quote_spanned! {site(error)=>
        {
            #[allow(unused_imports)]
            use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
            (&&::outbox::__private::Convert::<#error>::new()).#call
        }
    }
}
