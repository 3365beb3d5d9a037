//! What `#[event(…)]` says, on the type or on a variant, with the user's tokens for errors about it.
//!
//! First phase of the derive: reads as much as can be read; the model puts type and variants together.

mod headers;
mod literal;
mod written;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Expr, LitInt, LitStr, Meta, Path, Result, Token};

pub(super) use headers::Header;
pub(super) use literal::{inner, number, text};

use crate::diagnostics::{self as say, Sink};
use written::{alone, equals, value};

/// All options of one place.
#[derive(Default)]
pub(super) struct Options {
    pub(super) name: Option<LitStr>,
    pub(super) version: Option<LitInt>,
    pub(super) topic: Option<Expr>,
    pub(super) key: Option<Expr>,
    pub(super) headers: Vec<Header>,
    pub(super) content_type: Option<(Ident, LitStr)>,
    pub(super) encode_with: Option<(Ident, Expr)>,
    pub(super) tombstone: Option<Ident>,
    pub(super) transparent: Option<Ident>,
    pub(super) schema_lock: Option<Ident>,
    pub(super) root: Option<Path>,
    /// Every option word that was read, for doubles and contradictions.
    words: Vec<Ident>,
    /// Something could not be read, so what seems to be missing may have been it.
    pub(super) broken: bool,
}

impl Options {
    /// Reads the `#[event(…)]` among `attributes`.
    pub(super) fn read(attributes: &[Attribute], errors: &mut Sink) -> Self {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("event")) {
            let tokens = match &attribute.meta {
                Meta::List(list) => list.tokens.clone(),
                Meta::Path(_) => continue,
                Meta::NameValue(_) => {
                    options.broken = true;
                    errors.at(&attribute.meta, say::EVENT_FORM);
                    continue;
                }
            };
            options.list(tokens, errors);
        }
        options
    }

    /// Whether an option other than `crate` and `schema_lock` is there.
    pub(super) fn says_something(&self) -> bool {
        self.words.iter().any(|word| word != "crate" && word != "schema_lock")
    }

    /// Whether an option other than `transparent`, `crate` and `schema_lock` is there.
    pub(super) fn says_more_than_transparent(&self) -> bool {
        self.words.iter().any(|word| word != "crate" && word != "schema_lock" && word != "transparent")
    }

    /// The word of the option `name`, if it was read.
    pub(super) fn word(&self, name: &str) -> Option<&Ident> {
        self.words.iter().find(|word| *word == name)
    }

    fn list(&mut self, tokens: TokenStream, errors: &mut Sink) {
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                match self.option(input, errors) {
                    Ok(()) if input.is_empty() || input.peek(Token![,]) => {}
                    Ok(()) => {
                        self.broken = true;
                        errors.push(Error::new(input.span(), say::EVENT_COMMA));
                    }
                    Err(error) => {
                        self.broken = true;
                        errors.push(error);
                    }
                }
                // To the next option, whatever stands in between.
                while !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
                    input.parse::<TokenTree>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = read.parse2(tokens) {
            self.broken = true;
            errors.push(error);
        }
    }

    fn option(&mut self, input: ParseStream<'_>, errors: &mut Sink) -> Result<()> {
        let word = input.call(Ident::parse_any).map_err(|error| Error::new(error.span(), say::EVENT_UNKNOWN))?;
        let twice = self.words.contains(&word);
        match word.to_string().as_str() {
            "name" => {
                let value = value(&word, input)?;
                self.name = Some(text(&value).ok_or_else(|| Error::new_spanned(&value, say::EVENT_NAME))?);
            }
            "version" => {
                let value = value(&word, input)?;
                self.version = Some(number(&value).ok_or_else(|| Error::new_spanned(&value, say::EVENT_VERSION))?);
            }
            "topic" => self.topic = Some(value(&word, input)?),
            "key" => self.key = Some(value(&word, input)?),
            "content_type" => {
                let value = value(&word, input)?;
                let text = text(&value).ok_or_else(|| Error::new_spanned(&value, say::EVENT_CONTENT_TYPE))?;
                self.content_type = Some((word.clone(), text));
            }
            "encode_with" => {
                let value = value(&word, input)?;
                if !matches!(inner(&value), Expr::Path(_) | Expr::Closure(_)) {
                    return Err(Error::new_spanned(value, say::EVENT_ENCODE_WITH));
                }
                self.encode_with = Some((word.clone(), value));
            }
            "crate" => {
                equals(&word, input)?;
                let path = input.call(Path::parse_mod_style);
                self.root = Some(path.map_err(|error| Error::new(error.span(), say::EVENT_CRATE))?);
            }
            "headers" => self.headers(&word, input, errors)?,
            "tombstone" => self.tombstone = Some(alone(&word, input)?),
            "transparent" => self.transparent = Some(alone(&word, input)?),
            "schema_lock" => self.schema_lock = Some(alone(&word, input)?),
            _ => return Err(Error::new_spanned(word, say::EVENT_UNKNOWN)),
        }
        let error = twice.then(|| Error::new_spanned(&word, say::EVENT_TWICE));
        self.words.push(word);
        error.map_or(Ok(()), Err)
    }
}
