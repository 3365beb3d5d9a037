//! How an option is written: `word = value`, or `word` alone.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Error, Expr, Result, Token};

use crate::diagnostics as say;

pub(super) fn equals(word: &Ident, input: ParseStream<'_>) -> Result<()> {
    input.parse::<Token![=]>().map(drop).map_err(|_| Error::new_spanned(word, say::EVENT_VALUE))
}

pub(super) fn value(word: &Ident, input: ParseStream<'_>) -> Result<Expr> {
    equals(word, input)?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new_spanned(word, say::EVENT_VALUE));
    }
    input.parse()
}

pub(super) fn alone(word: &Ident, input: ParseStream<'_>) -> Result<Ident> {
    if input.is_empty() || input.peek(Token![,]) {
        Ok(word.clone())
    } else {
        Err(Error::new_spanned(word, say::EVENT_NO_VALUE))
    }
}
