//! The joins form: the body as it stands; with `savepoint`, all or nothing inside the caller's transaction.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, FnArg, Ident, ItemFn, Pat, Stmt, Type};

use super::arguments::Arguments;
use super::{Body, at_output, name, out, with_contents};
use crate::emit;
use crate::model::{Behind, Handler};

pub(super) fn expand(handler: Handler, mut body: Body) -> TokenStream {
    let Handler { mut function, args, tx, behind, mentioned, .. } = handler;
    let hidden = tx.as_ref().filter(|_| behind == Behind::Unknown).and_then(|tx| hidden(&function, tx));
    let saved = tx.as_ref().filter(|_| args.savepoint.is_some());
    // What stands in front of the body binds the name anew.
    let mutability = match (&tx, hidden.is_some() || saved.is_some()) {
        (Some(tx), true) => take_mut(&mut function, tx),
        _ => TokenStream::new(),
    };
    let joined = hidden.map(|check| {
        let mutability = saved.is_none().then_some(&mutability);
        quote!(let #mutability #tx = #check;)
    });
    let contents = match saved {
        None => {
            let Body { checks, statements, .. } = &body;
            let result = is_result(&body);
            quote!(#joined #result #checks #(#statements)*)
        }
        Some(tx) => {
            // `#[async_trait]` has put the body into a block, and the block into a box.
            let mut lowered = body.statements.clone();
            let contents = match inner(&mut lowered) {
                Some(statements) => {
                    body.statements = std::mem::take(statements);
                    *statements = vec![Stmt::Expr(
                        Expr::Verbatim(savepoint(tx, &mutability, &Arguments::default(), &body)),
                        None,
                    )];
                    quote!(#(#lowered)*)
                }
                None => savepoint(tx, &mutability, &Arguments::once(&mut function, &mentioned), &body),
            };
            quote!(#joined #contents)
        }
    };
    with_contents(function, contents)
}

/// Input: `{ BODY }` · Output: a savepoint, `BODY` in an async block of its own, keep or roll back.
fn savepoint(tx: &Ident, mutability: &TokenStream, arguments: &Arguments, body: &Body) -> TokenStream {
    let error = name("error");
    let (convert, leave) = (emit::convert(&body.output.error), emit::leave(&body.output.error, &error));
    let (savepoint, out) = (name("savepoint"), out(body));
    let (bind, block) = (&arguments.bind, body.block(arguments));
    let close = at_output(body, "close", &quote!(#savepoint, #out, #convert));
    quote! {
        #bind
        let mut #savepoint = match ::outbox::__private::savepoint(&mut *#tx).await {
            ::core::result::Result::Ok(#savepoint) => #savepoint,
            ::core::result::Result::Err(#error) => #leave,
        };
        let #out = {
            #[allow(unused_variables)]
            let #mutability #tx = #savepoint.tx();
            #block.await
        };
        #close
    }
}

/// The statements of `Box::pin(async move { … })`, which `#[async_trait]` makes of a body.
fn inner(statements: &mut [Stmt]) -> Option<&mut Vec<Stmt>> {
    let [Stmt::Expr(Expr::Call(call), None)] = statements else { return None };
    let boxes = matches!(&*call.func, Expr::Path(path)
        if path.path.segments.len() > 1 && path.path.segments.last().is_some_and(|last| last.ident == "pin"));
    match call.args.first_mut() {
        Some(Expr::Async(block)) if boxes => Some(&mut block.block.stmts),
        _ => None,
    }
}

/// A return type behind an alias is a `Result` where nothing is emitted too.
fn is_result(body: &Body) -> Option<TokenStream> {
    let error = &body.output.error;
    let hidden = matches!(error, Type::Path(path) if path.qself.is_some());
    let site = emit::site(error);
    hidden.then(|| {
        quote_spanned! {site=>
            #[allow(clippy::all, clippy::pedantic)]
            if false {
                let _ = ::outbox::__private::Convert::<#error>::new();
            }
        }
    })
}

/// The check of a transaction behind an alias: an error about its type is shown where it is written, once, and nothing
/// follows from it.
fn hidden(function: &ItemFn, tx: &Ident) -> Option<TokenStream> {
    function.sig.inputs.iter().find_map(|input| {
        let FnArg::Typed(parameter) = input else { return None };
        let Pat::Ident(pat) = &*parameter.pat else { return None };
        let Type::Reference(reference) = &*parameter.ty else { return None };
        let span = reference.elem.span();
        let tx_there = Ident::new(&tx.to_string(), tx.span().located_at(span));
        let check = quote_spanned!(span=> ::outbox::__private::joined(#tx_there));
        (pat.ident == *tx && reference.mutability.is_some()).then_some(check)
    })
}

/// Moves the `mut` of `mut tx: &mut …` from the parameter, which does not need it any more.
fn take_mut(function: &mut ItemFn, tx: &Ident) -> TokenStream {
    function
        .sig
        .inputs
        .iter_mut()
        .find_map(|input| match input {
            FnArg::Typed(parameter) => match &mut *parameter.pat {
                Pat::Ident(pat) if pat.ident == *tx => pat.mutability.take(),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        })
        .map_or_else(TokenStream::new, |mutability| quote!(#mutability))
}
