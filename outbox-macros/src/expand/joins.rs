//! The joins form: the body as it stands; with `savepoint`, all or nothing inside the caller's transaction.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Block, Expr, FnArg, Ident, ItemFn, Pat, Stmt, Type, parse_quote};

use super::{Body, name};
use crate::emit;
use crate::model::{Behind, Handler};

pub(super) fn expand(handler: Handler, mut body: Body) -> ItemFn {
    let Handler { mut function, args, tx, behind, .. } = handler;
    let joined = tx.as_ref().filter(|_| behind == Behind::Unknown).and_then(|tx| joined(&function, tx));
    let savepoint = tx.filter(|_| args.savepoint.is_some());
    *function.block = match savepoint {
        None => {
            let Body { checks, statements, .. } = &body;
            parse_quote!({ #joined #checks #(#statements)* })
        }
        Some(tx) => {
            let mutability = take_mut(&mut function, &tx);
            match inner(&mut body.statements) {
                Some(statements) => {
                    body.statements = std::mem::take(statements);
                    let wrapped: Block = savepoint_around(&tx, &mutability, &body);
                    let mut lowered = std::mem::take(&mut function.block.stmts);
                    if let Some(statements) = inner(&mut lowered) {
                        *statements = wrapped.stmts;
                    }
                    parse_quote!({ #joined #(#lowered)* })
                }
                None => {
                    let Block { stmts, .. } = savepoint_around(&tx, &mutability, &body);
                    parse_quote!({ #joined #(#stmts)* })
                }
            }
        }
    };
    function
}

/// Input: `{ BODY }` · Output: a savepoint, `BODY` in an async block of its own, keep or roll back.
fn savepoint_around(tx: &Ident, mutability: &TokenStream, body: &Body) -> Block {
    let convert = emit::convert(&body.output.error);
    let (savepoint, out, error) = (name("savepoint"), name("out"), name("error"));
    let block = body.block();
    parse_quote!({
        let mut #savepoint = match ::outbox::__private::savepoint(&mut *#tx).await {
            ::core::result::Result::Ok(#savepoint) => #savepoint,
            ::core::result::Result::Err(#error) => return ::core::result::Result::Err(#convert(#error)),
        };
        let #out = {
            #[allow(unused_variables)]
            let #mutability #tx = #savepoint.tx();
            #block.await
        };
        #savepoint.close(#out, #convert).await
    })
}

/// The statements of `Box::pin(async move { … })`, which `#[async_trait]` makes of a body.
fn inner(statements: &mut Vec<Stmt>) -> Option<&mut Vec<Stmt>> {
    let [Stmt::Expr(Expr::Call(call), None)] = &mut statements[..] else { return None };
    let boxes = matches!(&*call.func, Expr::Path(path)
        if path.path.segments.len() > 1 && path.path.segments.last().is_some_and(|last| last.ident == "pin"));
    match call.args.first_mut() {
        Some(Expr::Async(block)) if boxes => Some(&mut block.block.stmts),
        _ => None,
    }
}

/// A transaction behind an alias: its type is checked where it is written, and nothing follows if it is none.
fn joined(function: &ItemFn, tx: &Ident) -> Option<TokenStream> {
    function.sig.inputs.iter().find_map(|input| {
        let FnArg::Typed(parameter) = input else { return None };
        let Pat::Ident(pat) = &*parameter.pat else { return None };
        let Type::Reference(reference) = &*parameter.ty else { return None };
        let mutability = &pat.mutability;
        let call = quote_spanned!(reference.elem.span()=> ::outbox::__private::joined(#tx));
        (pat.ident == *tx && reference.mutability.is_some()).then(|| quote!(let #mutability #tx = #call;))
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
