//! The attribute's arguments.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, Ident, Result, Token};

use crate::diagnostics::{DUPLICATE_OPTION, Sink, UNKNOWN_OPTION};

/// `tx = EXPR`.
#[derive(Clone)]
pub(crate) struct Opens {
    /// The user's `tx`, with the hygiene of the user's body.
    pub(crate) tx: Ident,
    /// What to open it from.
    pub(crate) from: Expr,
}

/// All arguments.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) opens: Option<Opens>,
    /// Something in them is wrong, and told.
    pub(crate) broken: bool,
}

impl Args {
    /// Reads as much as can be read.
    pub(crate) fn read(tokens: TokenStream, errors: &mut Sink) -> Self {
        let mut args = Self::default();
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = args.option(input) {
                    args.broken = true;
                    errors.push(error);
                }
                // To the next option, whatever stands in between.
                while !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
                    input.parse::<proc_macro2::TokenTree>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = read.parse2(tokens) {
            args.broken = true;
            errors.push(error);
        }
        args
    }

    fn option(&mut self, input: ParseStream<'_>) -> Result<()> {
        let name: Ident = input.parse()?;
        if name != "tx" {
            return Err(Error::new_spanned(name, UNKNOWN_OPTION));
        }
        input.parse::<Token![=]>()?;
        let from = input.parse()?;
        if self.opens.is_some() {
            return Err(Error::new_spanned(name, DUPLICATE_OPTION));
        }
        self.opens = Some(Opens { tx: name, from });
        Ok(())
    }
}
