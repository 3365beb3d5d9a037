//! The option `headers(…)`.

use proc_macro2::{Ident, Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Expr, LitStr, Result, Token};

use super::Options;
use crate::diagnostics::{self as say, Sink};

/// One header: `tenant = self.tenant`.
#[derive(Clone)]
pub(in crate::derive) struct Header {
    pub(in crate::derive) name: String,
    pub(in crate::derive) span: Span,
    pub(in crate::derive) value: Expr,
}

impl Options {
    /// `headers(tenant = self.tenant, "x-region" = self.region)`
    pub(super) fn headers(&mut self, word: &Ident, input: ParseStream<'_>, errors: &mut Sink) -> Result<()> {
        if !input.peek(syn::token::Paren) {
            return Err(Error::new_spanned(word, say::EVENT_HEADERS));
        }
        let inside;
        syn::parenthesized!(inside in input);
        while !inside.is_empty() {
            match header(&inside) {
                Ok(header) => self.headers.push(header),
                Err(error) => {
                    self.broken = true;
                    errors.push(error);
                    while !inside.is_empty() && !inside.peek(Token![,]) {
                        inside.parse::<TokenTree>()?;
                    }
                }
            }
            if inside.parse::<Option<Token![,]>>()?.is_none() && !inside.is_empty() {
                self.broken = true;
                errors.push(Error::new(inside.span(), say::EVENT_COMMA));
                while !inside.is_empty() && inside.parse::<Option<Token![,]>>()?.is_none() {
                    inside.parse::<TokenTree>()?;
                }
            }
        }
        Ok(())
    }
}

fn header(input: ParseStream<'_>) -> Result<Header> {
    let form = |error: Error| Error::new(error.span(), say::EVENT_HEADERS);
    let (name, span) = if input.peek(LitStr) {
        let name: LitStr = input.parse()?;
        (name.value(), name.span())
    } else {
        let name = input.call(Ident::parse_any).map_err(form)?;
        (name.unraw().to_string(), name.span())
    };
    input.parse::<Token![=]>().map_err(|_| Error::new(span, say::EVENT_HEADERS))?;
    Ok(Header { name, span, value: input.parse().map_err(form)? })
}
