//! The attribute's arguments.

use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, Ident, Result, Token};

use crate::diagnostics::{DUPLICATE_OPTION, UNKNOWN_OPTION};

/// `tx = EXPR`.
pub(crate) struct Opens {
    /// The user's `tx`, with the hygiene of the user's body.
    pub(crate) tx: Ident,
    /// What to open it from.
    pub(crate) from: Expr,
}

/// All arguments.
pub(crate) struct Args {
    pub(crate) opens: Option<Opens>,
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut args = Self { opens: None };
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            if name != "tx" {
                return Err(Error::new_spanned(name, UNKNOWN_OPTION));
            }
            if args.opens.is_some() {
                return Err(Error::new_spanned(name, DUPLICATE_OPTION));
            }
            input.parse::<Token![=]>()?;
            args.opens = Some(Opens { tx: name, from: input.parse()? });
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(args)
    }
}
