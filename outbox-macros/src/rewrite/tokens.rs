//! The arguments of macros that are not known, token by token.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::quote;

use super::Rewriter;
use crate::emit::Way;
use crate::macros::ends_with_emit;

impl Rewriter<'_> {
    /// With what goes in front of each `emit!` among them.
    pub(super) fn arguments(&self, input: TokenStream) -> TokenStream {
        let way = if self.collects { Some(&Way::Block) } else { self.way.as_ref() };
        self.tokens(input, way)
    }

    fn tokens(&self, input: TokenStream, way: Option<&Way>) -> TokenStream {
        let mut output = Vec::<TokenTree>::new();
        let mut nested_function = false;
        for token in input {
            let TokenTree::Group(group) = &token else {
                nested_function |= matches!(&token, TokenTree::Ident(ident) if ident == "fn");
                output.push(token);
                continue;
            };
            let is_brace = group.delimiter() == Delimiter::Brace;
            let inner = if nested_function {
                nested_function = !is_brace;
                group.stream()
            } else if let (true, Some(way)) = (ends_with_emit(&output), way) {
                let (mark, rest) = (self.mark(way, last_span(&output)), self.tokens(group.stream(), Some(way)));
                quote!(#mark #rest)
            } else {
                let way = if is_brace && ends_with_async(&output) { Some(&Way::Block) } else { way };
                self.tokens(group.stream(), way)
            };
            let mut rewritten = Group::new(group.delimiter(), inner);
            rewritten.set_span(group.span());
            output.push(rewritten.into());
        }
        output.into_iter().collect()
    }
}

/// Of the `emit` before a `!`.
fn last_span(tokens: &[TokenTree]) -> Span {
    match tokens {
        [.., name, _] => name.span(),
        _ => Span::call_site(),
    }
}

fn ends_with_async(tokens: &[TokenTree]) -> bool {
    let word = |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(ident) if ident == word);
    match tokens {
        [.., before, last] if word(last, "move") => word(before, "async"),
        [.., last] => word(last, "async"),
        [] => false,
    }
}
