//! What stands in for a handler with mistakes: its callers compile, its imports are used, and the only errors are ours.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::visit_mut::VisitMut;
use syn::{Block, parse_quote};

use super::{name, opens};
use crate::args::Args;
use crate::emit::inert;
use crate::macros::{ends_with_emit, is_emit};
use crate::model::Handler;
use crate::names::mentions;

pub(super) fn survivor(handler: Handler) -> TokenStream {
    let Handler { mut function, args: Args { opens, .. }, tx, .. } = handler;
    let mut inert = Inert::default();
    inert.visit_block_mut(&mut function.block);
    let statements = &function.block.stmts;
    let is_async = function.sig.asyncness.is_some();
    let body: Block = match (&opens, &tx) {
        (Some(opens), Some(tx)) if is_async => {
            let more = quote!("", true, ::core::default::Default::default());
            let (owned, begin) = (name("owned"), opens::begin(&opens.from, &more));
            parse_quote!({
                let mut #owned = match #begin {
                    ::core::result::Result::Ok(#owned) => #owned,
                    ::core::result::Result::Err(_) => ::outbox::__private::never(),
                };
                let #tx = &mut #owned;
                #(#statements)*
            })
        }
        (None, tx) if is_async && (tx.is_some() || !inert.mentions_tx) => parse_quote!({ #(#statements)* }),
        // The body cannot be understood without what is missing.
        _ => {
            let emits = &inert.emits;
            parse_quote!({
                #(#emits;)*
                ::outbox::__private::never()
            })
        }
    };
    *function.block = body;
    function.sig.constness = None;
    quote!(#[allow(unused, clippy::all, clippy::pedantic)] #function)
}

/// Makes each `emit!` do nothing; it is not taken away, or its import would be unused.
#[derive(Default)]
struct Inert {
    emits: Vec<TokenStream>,
    mentions_tx: bool,
}

impl VisitMut for Inert {
    fn visit_ident_mut(&mut self, node: &mut Ident) {
        self.mentions_tx |= node == "tx";
    }

    fn visit_macro_mut(&mut self, node: &mut syn::Macro) {
        if is_emit(&node.path) {
            let (path, mark, rest) = (&node.path, inert(), &node.tokens);
            self.emits.push(quote!(#path!(#mark)));
            node.tokens = quote!(#mark #rest);
        } else {
            self.mentions_tx |= mentions(node.tokens.clone(), &[Ident::new("tx", Span::call_site())]);
            node.tokens = self.tokens(node.tokens.clone());
        }
    }
}

impl Inert {
    fn tokens(&mut self, input: TokenStream) -> TokenStream {
        let mut output = Vec::<TokenTree>::new();
        for token in input {
            let TokenTree::Group(group) = &token else {
                output.push(token);
                continue;
            };
            let (mark, rest) = (inert(), group.stream());
            let inner = if ends_with_emit(&output) { quote!(#mark #rest) } else { self.tokens(rest) };
            let mut rewritten = Group::new(group.delimiter(), inner);
            rewritten.set_span(group.span());
            output.push(rewritten.into());
        }
        output.into_iter().collect()
    }
}
