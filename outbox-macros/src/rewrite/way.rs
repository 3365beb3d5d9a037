//! How errors leave a block.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Block, Expr, ExprAsync, Stmt, Type};

use super::Rewriter;
use crate::emit::Way;
use crate::names::mentions;

impl Rewriter<'_> {
    /// Of an async block: as its error type where that is written, else as inference has it.
    pub(super) fn way_out(&mut self, block: &ExprAsync) -> Way {
        let is_body = std::mem::take(&mut self.lowered);
        let word = |name: &str| Ident::new(name, Span::call_site());
        // With `#[instrument]` between the two, the body is in a block of that block.
        self.lowered = is_body && mentions(block.block.to_token_stream(), &[word("__tracing_attr_span")]);
        let fake = word("__tracing_attr_fake_return");
        let first = block.block.stmts.first().map(quote::ToTokens::to_token_stream);
        // `#[instrument]` above the attribute moves the body into a block.
        let instrumented = || first.is_some_and(|first| mentions(first, &[fake]));
        match (self.error, turbofish(&block.block)) {
            (Some(error), _) if is_body || instrumented() => Way::Handler(Box::new(error.clone())),
            (_, Some(error)) => Way::Handler(Box::new(error.clone())),
            _ => Way::Block,
        }
    }
}

/// `E` of an `Ok::<_, E>(…)` at the end of a block.
fn turbofish(block: &Block) -> Option<&Type> {
    let Some(Stmt::Expr(Expr::Call(call), None)) = block.stmts.last() else { return None };
    let Expr::Path(path) = &*call.func else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Ok" || last.ident == "Err")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.iter().collect::<Vec<_>>()[..] {
        [_, syn::GenericArgument::Type(Type::Infer(_))] => None,
        [_, syn::GenericArgument::Type(error)] => Some(error),
        _ => None,
    }
}
