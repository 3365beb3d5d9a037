//! From a checked handler to code, and what is left of one that failed its checks.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Block, ItemFn, Type, parse_quote};

use crate::args::{Args, Opens};
use crate::diagnostics::{NOT_A_FUNCTION, Sink, compile_error};
use crate::model::Handler;
use crate::{emit, guard, rewrite};

pub(crate) fn transactional_event(args: TokenStream, item: TokenStream) -> TokenStream {
    let function = match syn::parse2::<ItemFn>(item.clone()) {
        Ok(function) => function,
        Err(_) => {
            let error = compile_error(&syn::Error::new(Span::call_site(), NOT_A_FUNCTION));
            return quote!(#error #item);
        }
    };
    match handler(args, function.clone()) {
        Ok(function) => function.into_token_stream(),
        Err(error) => survivor(function, &compile_error(&error)),
    }
}

fn handler(args: TokenStream, function: ItemFn) -> syn::Result<ItemFn> {
    let args: Args = syn::parse2(args)?;
    let Handler { mut function, opens, tx, output } = Handler::new(args, function)?;
    let checks = guard::parameters(&function);
    let mut errors = Sink::default();
    rewrite::body(&mut function.block, &tx, &output, &mut errors);
    errors.take(Some(()))?;
    let body = &function.block;
    let block: Block = match &opens {
        Some(opens) => open(opens, &output, &checks, body),
        None if function.sig.asyncness.is_some() => {
            let statements = &body.stmts;
            parse_quote!({ #checks #(#statements)* })
        }
        // Lowered by `#[async_trait]`: the body is an async block of its own.
        None => return Ok(function),
    };
    *function.block = block;
    Ok(function)
}

/// Input: `{ BODY }` · Output: begin, the body in an async block of its own (so that `?` and `return` stop there), finish.
fn open(opens: &Opens, output: &Type, checks: &TokenStream, body: &Block) -> Block {
    let Opens { tx, from } = opens;
    let convert = emit::convert(output);
    let name = |name| Ident::new(name, Span::mixed_site());
    let (owned, out, error) = (name("owned"), name("out"), name("error"));
    let statements = &body.stmts;
    parse_quote!({
        let mut #owned = match ::outbox::__private::Begin::begin(&(#from)).await {
            ::core::result::Result::Ok(#owned) => #owned,
            ::core::result::Result::Err(#error) => return ::core::result::Result::Err(#convert(#error)),
        };
        let #out = {
            #[allow(unused_variables)]
            let #tx = &mut #owned;
            async {
                // A return edge that is never taken: type errors and inference stay on the user's lines.
                #[allow(unreachable_code, clippy::diverging_sub_expression, clippy::needless_return)]
                if false {
                    let #out: #output = ::outbox::__private::never();
                    return #out;
                }
                #checks
                #(#statements)*
            }
            .await
        };
        ::outbox::__private::finish(#owned, #out, #convert).await
    })
}

/// The function with an error in its body: its callers still compile, and nothing else breaks.
fn survivor(mut function: ItemFn, error: &TokenStream) -> TokenStream {
    let private = quote!(::outbox::__private);
    *function.block = parse_quote!({ #private::never() });
    let allow = quote!(#[allow(unused, clippy::all, clippy::pedantic)]);
    quote!(#error #allow #function)
}
