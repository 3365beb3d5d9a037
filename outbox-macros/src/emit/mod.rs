//! `emit!`: bare it is an error; with the transaction that the attribute puts in front, or that it names, an insert.
//!
//! tokens → [`form`] (what is written) → [`build`] (code).

mod build;
mod form;
mod headers;
mod options;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, Path, Result, Token, Type};

pub(crate) use build::{collector, convert, flush, leave, site, start};
pub(crate) use form::{Form, names_transaction};

use crate::diagnostics::{EMIT_OUTSIDE, compile_error};
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
    /// Out of an async block, closure or function whose error type only inference knows.
    Block,
}

/// Where the records of an `emit!` go.
#[derive(Clone)]
pub(crate) enum Target {
    /// Into this transaction, at once.
    Transaction(Ident),
    /// The same, of which it is known that it is a `&mut` to one.
    Reference(Ident),
    /// To the others of their run.
    Collector(Ident),
}

/// What stands in front: `__outbox_emit { ROOT } TX { TYPE },`, or `__outbox_emit { ROOT } [COLLECTOR] {},`. Errors of
/// the borrow checker are shown at `emit`.
pub(crate) fn mark(target: &Target, way: &Way, emit: Span) -> TokenStream {
    let mark = Ident::new(MARK, Span::mixed_site());
    let at_emit = |tx: &Ident| Ident::new(&tx.to_string(), tx.span().located_at(emit));
    let target = match target {
        Target::Transaction(tx) => TokenTree::Ident(at_emit(tx)),
        Target::Reference(tx) => {
            let tx = at_emit(tx);
            TokenTree::Group(Group::new(Delimiter::Parenthesis, quote!(#tx)))
        }
        Target::Collector(collector) => TokenTree::Group(Group::new(Delimiter::Bracket, quote!(#collector))),
    };
    let way = match way {
        Way::Handler(error) => quote!({ #error }),
        Way::Block => quote!({}),
    };
    quote!(#mark { ::outbox } #target #way,)
}

/// What stands in front of an `emit!` that does nothing.
pub(crate) fn inert() -> TokenStream {
    let mark = Ident::new(INERT, Span::mixed_site());
    quote!(#mark)
}

/// What the attribute said.
struct Context {
    /// The path of this crate, where the handler names it.
    root: Path,
    target: Target,
    way: Way,
}

impl Parse for Context {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        input.parse::<Ident>()?;
        let root;
        syn::braced!(root in input);
        let root = root.call(Path::parse_mod_style)?;
        let target = if input.peek(syn::token::Bracket) {
            let inside;
            syn::bracketed!(inside in input);
            Target::Collector(inside.parse()?)
        } else if input.peek(syn::token::Paren) {
            let inside;
            syn::parenthesized!(inside in input);
            Target::Reference(inside.parse()?)
        } else {
            Target::Transaction(input.parse()?)
        };
        let way;
        syn::braced!(way in input);
        let way = if way.is_empty() { Way::Block } else { Way::Handler(Box::new(way.parse()?)) };
        input.parse::<Token![,]>()?;
        Ok(Self { root, target, way })
    }
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let expanded = match input.clone().into_iter().next().map(|first| first.to_string()).as_deref() {
        Some(MARK) => {
            let read = |input: ParseStream<'_>| Ok((input.parse::<Context>()?, Form::read(input)?));
            read.parse2(input).map(|(context, form)| {
                let root = context.root.clone();
                let Context { target, way, .. } = context;
                let code = match (&form.place, &target) {
                    (None, Target::Collector(collector)) => build::collect(collector, &form),
                    (None, Target::Transaction(tx) | Target::Reference(tx)) => build::insert(&target, tx, &way, &form),
                    _ => build::insert_named(&way, &form),
                };
                root::reroot_at(code, &root)
            })
        }
        Some(INERT) => {
            let event: TokenStream = input.into_iter().skip(1).collect();
            // Nothing at all stands for an `emit!` that is only to be named.
            let unused = |form: Form| build::unused(&form);
            if event.is_empty() { Ok(quote!({})) } else { Form::read.parse2(event).map(unused) }
        }
        _ if names_transaction(&input) => Form::read.parse2(input).map(|form| build::insert_named(&Way::Block, &form)),
        _ => Err(Error::new(Span::call_site(), EMIT_OUTSIDE)),
    };
    expanded.unwrap_or_else(|error| compile_error(&error))
}
