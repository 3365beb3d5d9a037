//! The opens form: begin, the body, finish; with `retry`, in a loop.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ItemFn;
use syn::spanned::Spanned;

use super::arguments::Arguments;
use super::{Body, at_output, name, out, with_contents};
use crate::args::{Args, Opens};
use crate::emit;
use crate::model::Handler;

pub(super) fn expand(handler: Handler, body: &Body) -> TokenStream {
    let Handler { mut function, args, mentioned, .. } = handler;
    let contents = match &args.retry {
        None => {
            let arguments = Arguments::once(&mut function, &mentioned);
            once(&function, &args, &arguments, body)
        }
        Some((_, retries)) => {
            let arguments = Arguments::again(&mut function, &mentioned);
            again(&function, &args, retries, &arguments, body)
        }
    };
    with_contents(function, contents)
}

/// Input: `{ BODY }` · Output: begin, `BODY` in an async block of its own, commit or rollback.
fn once(function: &ItemFn, args: &Args, arguments: &Arguments, body: &Body) -> TokenStream {
    let error = name("error");
    let (convert, leave) = (emit::convert(&body.output.error), emit::leave(&body.output.error, &error));
    let (owned, out) = (name("owned"), out(body));
    let (open, run) = (open(function, args), run(function, args, arguments, body));
    let finish = at_output(body, "finish", &quote!(#owned, #out, #convert));
    quote! {
        let mut #owned = match #open {
            ::core::result::Result::Ok(#owned) => #owned,
            ::core::result::Result::Err(#error) => #leave,
        };
        let #out = { #run };
        #finish
    }
}

/// The same until it is committed, fails for good, or has been tried often enough. Each attempt has arguments of its own.
fn again(function: &ItemFn, args: &Args, retries: &syn::Expr, arguments: &Arguments, body: &Body) -> TokenStream {
    let error = name("error");
    let (convert, leave) = (emit::convert(&body.output.error), emit::leave(&body.output.error, &error));
    let classify = classify(body);
    let (owned, out, retry) = (name("owned"), out(body), name("retry"));
    let (open, run) = (open(function, args), run(function, args, arguments, body));
    let finish = at_output(body, "finish_or_retry", &quote!(&mut #retry, #owned, #out, #convert, #classify));
    quote! {
        let mut #retry = ::outbox::__private::Retry::new(const { #retries });
        loop {
            let mut #owned = match #open {
                ::core::result::Result::Ok(#owned) => #owned,
                ::core::result::Result::Err(#error) => match #retry.not_begun(#error).await {
                    ::core::option::Option::None => continue,
                    ::core::option::Option::Some(#error) => {
                        #leave;
                    }
                },
            };
            let #out = { #run };
            if let ::core::option::Option::Some(#out) = #finish {
                break #out;
            }
        }
    }
}

fn open(function: &ItemFn, args: &Args) -> TokenStream {
    let Some(Opens { from, .. }) = &args.opens else { return TokenStream::new() };
    let handler = path(function);
    let independent = args.independent.is_some();
    let isolation = args.isolation.as_ref().map(|(_, word)| match word.to_string().as_str() {
        "serializable" => quote!(.isolation(::outbox::__private::Isolation::Serializable)),
        "repeatable_read" => quote!(.isolation(::outbox::__private::Isolation::RepeatableRead)),
        _ => quote!(.isolation(::outbox::__private::Isolation::ReadCommitted)),
    });
    let options = quote!(<::outbox::__private::BeginOptions as ::core::default::Default>::default() #isolation);
    begin(from, &quote!(#handler, #independent, #options))
}

/// Begins from `from`; an error about its type is shown there.
pub(super) fn begin(from: &syn::Expr, more: &TokenStream) -> TokenStream {
    let site = Span::mixed_site().located_at(from.span());
    quote_spanned!(site=> ::outbox::__private::open(&(#from), #more).await)
}

/// The path of the handler, as text.
fn path(function: &ItemFn) -> TokenStream {
    let name = Literal::string(&format!("::{}", function.sig.ident));
    quote!(::core::concat!(::core::module_path!(), #name))
}

fn run(function: &ItemFn, args: &Args, arguments: &Arguments, body: &Body) -> TokenStream {
    let Some(Opens { tx, .. }) = &args.opens else { return TokenStream::new() };
    let (owned, handler, block) = (name("owned"), path(function), body.block(arguments));
    let bind = &arguments.bind;
    quote! {
        #bind
        #[allow(unused_variables)]
        let #tx = &mut #owned;
        ::outbox::__private::body(#handler, #block).await
    }
}

/// Whether an error of the body is worth another attempt. A type that cannot tell is an error at that type, told once.
fn classify(body: &Body) -> TokenStream {
    let error = &body.output.error;
    let argument = name("error");
    let call = quote_spanned!(error.span()=> is_transient());
    quote_spanned! {emit::site(error)=>
        (|#argument| {
            #[allow(unused_imports)]
            use ::outbox::__private::{ViaError as _, ViaRetryable as _, ViaSource as _};
            (&&&::outbox::__private::Classify(#argument)).#call
        })
    }
}
