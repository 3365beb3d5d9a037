//! `emit!`: bare it is an error; with the transaction that the attribute puts in front it is an insert.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, Path, Result, Token, Type};

use crate::diagnostics::{EMIT_EMPTY, EMIT_MANY, EMIT_OUTSIDE, compile_error};
use crate::root;

/// First token of what the attribute puts in front of an `emit!`'s arguments.
const MARK: &str = "__outbox_emit";

/// First token in front of the arguments of an `emit!` in a handler that has other mistakes.
const INERT: &str = "__outbox_inert";

/// Where an error of the insert goes.
#[derive(Clone)]
pub(crate) enum Way {
    /// Out of the handler, whose error type this is (boxed: types are large).
    Handler(Box<Type>),
    /// Out of an async block or closure inside of it, by `?`.
    Block,
}

/// What stands in front: `__outbox_emit { ROOT } TX { TYPE },`. Errors of the borrow checker are shown at `emit`.
pub(crate) fn mark(tx: &Ident, way: &Way, emit: Span) -> TokenStream {
    let tx = Ident::new(&tx.to_string(), tx.span().located_at(emit));
    let mark = Ident::new(MARK, Span::mixed_site());
    let way = match way {
        Way::Handler(error) => quote!({ #error }),
        Way::Block => quote!({}),
    };
    quote!(#mark { ::outbox } #tx #way,)
}

/// What stands in front of an `emit!` that does nothing.
pub(crate) fn inert() -> TokenStream {
    let mark = Ident::new(INERT, Span::mixed_site());
    quote!(#mark)
}

struct Emit {
    /// The path of this crate, where the handler names it.
    root: Path,
    tx: Ident,
    way: Way,
    event: Expr,
}

impl Parse for Emit {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        input.parse::<Ident>()?;
        let (root, way);
        syn::braced!(root in input);
        let root = root.call(Path::parse_mod_style)?;
        let tx = input.parse()?;
        syn::braced!(way in input);
        let way = if way.is_empty() { Way::Block } else { Way::Handler(Box::new(way.parse()?)) };
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            return Err(Error::new(Span::call_site(), EMIT_EMPTY));
        }
        let event: Expr = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        if !input.is_empty() {
            return Err(input.error(EMIT_MANY));
        }
        Ok(Self { root, tx, way, event })
    }
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    match input.clone().into_iter().next().map(|first| first.to_string()).as_deref() {
        Some(MARK) => {}
        Some(INERT) => return unused(input),
        _ => return compile_error(&Error::new(Span::call_site(), EMIT_OUTSIDE)),
    }
    match syn::parse2::<Emit>(input) {
        Ok(emit) => root::reroot_at(insert(&emit), &emit.root),
        Err(error) => compile_error(&error),
    }
}

/// The event is named, so that its type and its parts are used, and nothing comes of it.
fn unused(input: TokenStream) -> TokenStream {
    let event: TokenStream = input.into_iter().skip(1).collect();
    match syn::parse2::<Expr>(event) {
        Ok(event) => quote!({
            if false {
                let _ = &(#event);
            }
        }),
        Err(_) => quote!({}),
    }
}

/// Input: `emit!(EVENT)` · Output: the event is encoded, then `tx` is borrowed for the insert, then errors leave.
fn insert(emit: &Emit) -> TokenStream {
    let Emit { tx, way, event, .. } = emit;
    let private = quote!(::outbox::__private);
    let error = Ident::new("error", Span::mixed_site());
    let record = Ident::new("record", Span::mixed_site());
    let leave = match way {
        Way::Handler(output) => leave(output, &error),
        Way::Block => quote!(::core::result::Result::Err::<(), _>(#private::database_error(#error))?),
    };
    let encode = quote_spanned!(syn::spanned::Spanned::span(event)=> #private::record(&(#event)));
    quote! {
        match {
            let #record = #encode;
            #[allow(unused_imports)]
            use #private::AsTx as _;
            #tx.__outbox_insert(#record)
        }.await {
            ::core::result::Result::Ok(()) => (),
            ::core::result::Result::Err(#error) => #leave,
        }
    }
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
    let span = syn::spanned::Spanned::span(error);
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
    let call = quote_spanned!(syn::spanned::Spanned::span(error)=> convert(#ours));
    quote_spanned! {site(error)=>
        {
            #[allow(unused_imports)]
            use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
            (&&::outbox::__private::Convert::<#error>::new()).#call
        }
    }
}
