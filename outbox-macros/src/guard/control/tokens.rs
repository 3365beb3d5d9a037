//! The same in the arguments of macros that are not known, token by token.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::LitStr;

use super::Control;
use super::commits::refused;
use super::queries::QUERIES;

impl Control<'_> {
    pub(super) fn tokens(&mut self, input: TokenStream) -> TokenStream {
        let mut output = Vec::<TokenTree>::new();
        for token in input {
            let TokenTree::Group(group) = &token else {
                output.push(token);
                continue;
            };
            if group.delimiter() == Delimiter::Parenthesis && self.ends_here(&output) {
                let kept = output.len().saturating_sub(3);
                output.truncate(kept);
                output.extend(refused().into_token_stream());
                continue;
            }
            if let Some(TokenTree::Ident(name)) = output.last()
                && QUERIES.iter().any(|query| name == query)
                && let Some(first) = group.stream().into_iter().next()
                && let Ok(literal) = syn::parse2::<LitStr>(first.into())
            {
                self.literal(&literal);
            }
            let mut inner = Group::new(group.delimiter(), self.tokens(group.stream()));
            inner.set_span(group.span());
            output.push(inner.into());
        }
        output.into_iter().collect()
    }
}
