//! The attribute's arguments.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, LitStr, Path, Result, Token};

use crate::diagnostics::{self as say, Sink};

/// `tx = EXPR`.
#[derive(Clone)]
pub(crate) struct Opens {
    /// The user's `tx`, with the hygiene of the user's body.
    pub(crate) tx: Ident,
    /// What to open it from.
    pub(crate) from: Expr,
}

/// All arguments. Options are kept with the user's token, for errors about them.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) opens: Option<Opens>,
    /// `savepoint`
    pub(crate) savepoint: Option<Ident>,
    /// `independent`
    pub(crate) independent: Option<Ident>,
    /// `isolation = serializable`: the user's word for it.
    pub(crate) isolation: Option<(Ident, Ident)>,
    /// `retry = 3`
    pub(crate) retry: Option<(Ident, Expr)>,
    /// `crate = path`
    pub(crate) root: Option<(Ident, Path)>,
    /// `allow(raw_kafka, reason = "…")`
    pub(crate) raw_kafka: Option<Ident>,
    /// `allow(outside_tx, reason = "…")`
    pub(crate) outside_tx: Option<Ident>,
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
                    input.parse::<TokenTree>()?;
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
        let start = input.span();
        let name = input.call(Ident::parse_any).map_err(|_| Error::new(start, say::UNKNOWN_OPTION))?;
        let known = name.to_string();
        if let "tx" | "isolation" | "retry" | "crate" = &*known
            && input.parse::<Token![=]>().is_err()
        {
            return Err(Error::new_spanned(name, say::OPTION_WITHOUT_VALUE));
        }
        let twice = match &*known {
            "tx" => self.opens.replace(Opens { tx: name.clone(), from: input.parse()? }).is_some(),
            "savepoint" => self.savepoint.replace(name.clone()).is_some(),
            "independent" => self.independent.replace(name.clone()).is_some(),
            "isolation" => {
                let word = match input.parse::<TokenTree>()? {
                    TokenTree::Ident(word) => word,
                    other => return Err(Error::new_spanned(other, say::ISOLATION_UNKNOWN)),
                };
                self.isolation.replace((name.clone(), word)).is_some()
            }
            "retry" => self.retry.replace((name.clone(), input.parse()?)).is_some(),
            "crate" => self.root.replace((name.clone(), path(input)?)).is_some(),
            "allow" => return self.allow(&name, input),
            _ => return Err(Error::new_spanned(name, say::UNKNOWN_OPTION)),
        };
        if twice {
            return Err(Error::new_spanned(name, say::DUPLICATE_OPTION));
        }
        match input.cursor().token_tree() {
            Some((more, _)) if !input.peek(Token![,]) => Err(Error::new(more.span(), say::OPTION_MORE)),
            _ => Ok(()),
        }
    }

    /// `allow(raw_kafka, reason = "…")`: without a reason it is refused.
    fn allow(&mut self, allow: &Ident, input: ParseStream<'_>) -> Result<()> {
        let inside = match input.parse::<TokenTree>() {
            Ok(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => group.stream(),
            _ => return Err(Error::new_spanned(allow, say::ALLOW_UNKNOWN)),
        };
        let mut inside = inside.into_iter();
        let what = match inside.next() {
            Some(TokenTree::Ident(what)) => what,
            Some(other) => return Err(Error::new_spanned(other, say::ALLOW_UNKNOWN)),
            None => return Err(Error::new_spanned(allow, say::ALLOW_UNKNOWN)),
        };
        let twice = match what.to_string().as_str() {
            "raw_kafka" => self.raw_kafka.replace(what.clone()).is_some(),
            "outside_tx" => self.outside_tx.replace(what.clone()).is_some(),
            _ => return Err(Error::new_spanned(what, say::ALLOW_UNKNOWN)),
        };
        if twice {
            return Err(Error::new_spanned(allow, say::DUPLICATE_OPTION));
        }
        let reason = |input: ParseStream<'_>| {
            input.parse::<Token![,]>()?;
            let word: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            let reason: LitStr = input.parse()?;
            input.parse::<Option<Token![,]>>()?;
            Ok(word == "reason" && !reason.value().trim().is_empty())
        };
        match reason.parse2(inside.collect()) {
            Ok(true) => Ok(()),
            _ => Err(Error::new_spanned(what, say::ALLOW_WITHOUT_REASON)),
        }
    }
}

/// The path of `crate = path`.
fn path(input: ParseStream<'_>) -> Result<Path> {
    let start = input.span();
    input.call(Path::parse_mod_style).map_err(|_| Error::new(start, say::CRATE_PATH))
}
