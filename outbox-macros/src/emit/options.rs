//! Options of an `emit!`, as they are written: `NAME = VALUE, …`.

use proc_macro2::{Ident, Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprLit, Lit, Result, Token};

use super::form::is_option;
use super::headers::Headers;
use crate::diagnostics::{self as say, Sink};
use crate::names::{is_topic, is_version};

/// Options in the order in which they are written.
pub(super) struct Options(pub(super) Vec<EmitOption>);

/// One option.
pub(super) struct EmitOption {
    pub(super) name: Ident,
    pub(super) value: Value,
}

/// What is behind the `=`.
pub(super) enum Value {
    Expr(Expr),
    Headers(Headers),
}

/// With an event.
const TYPED: [&str; 4] = ["key", "topic", "headers", "delay"];
/// Without one, these too.
const RAW: [&str; 5] = ["type", "version", "content_type", "payload", "json"];

impl Options {
    /// Reads the rest of an `emit!`. `raw`: it has no event, and begins there.
    pub(super) fn read(input: ParseStream<'_>, raw: Option<Span>, errors: &mut Sink) -> Result<Self> {
        let mut options = Self(Vec::new());
        let mut wrong = false;
        while !input.is_empty() {
            if !is_option(input) {
                return Err(merged(errors, Error::new(input.span(), say::EMIT_MANY)));
            }
            let name = input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            let known = |names: &[&str]| names.iter().any(|known| name == known);
            if known(&TYPED) || raw.is_some() && known(&RAW) {
                let value = if input.is_empty() {
                    Err(Error::new(name.span(), say::EMIT_UNKNOWN))
                } else if name == "headers" {
                    Headers::read(input, errors).map(Value::Headers)
                } else {
                    input.parse().map(Value::Expr)
                };
                let value = value.map_err(|error| merged(errors, error))?;
                options.push(EmitOption { name, value }, errors);
            } else {
                wrong = true;
                errors.at(name, say::EMIT_UNKNOWN);
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<TokenTree>()?;
                }
            }
            if !input.is_empty() {
                let comma = input.parse::<Token![,]>();
                comma.map_err(|error| merged(errors, Error::new(error.span(), say::EMIT_MANY)))?;
            }
        }
        if let Some(first) = raw
            && !wrong
        {
            let given = |name: &str| options.0.iter().any(|option| option.name == name);
            if !(given("topic") && given("type") && (given("payload") || given("json"))) {
                errors.push(Error::new(first, say::EMIT_INCOMPLETE));
            }
        }
        Ok(options)
    }

    fn push(&mut self, option: EmitOption, errors: &mut Sink) {
        let slot = |name: &Ident| if name == "json" { "payload".to_owned() } else { name.to_string() };
        if self.0.iter().any(|there| slot(&there.name) == slot(&option.name)) {
            errors.at(&option.name, say::EMIT_DUPLICATE);
        } else if let Some(message) = literal(&option) {
            errors.push(Error::new(option.span(), message));
        }
        self.0.push(option);
    }

    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.0.iter().flat_map(|option| match &option.value {
            Value::Expr(value) => vec![value],
            Value::Headers(headers) => headers.expressions(),
        })
    }
}

impl EmitOption {
    /// Of its value.
    fn span(&self) -> Span {
        match &self.value {
            Value::Expr(value) => value.span(),
            Value::Headers(_) => self.name.span(),
        }
    }
}

/// What is wrong with a literal.
fn literal(option: &EmitOption) -> Option<&'static str> {
    let Value::Expr(Expr::Lit(ExprLit { lit, .. })) = &option.value else { return None };
    match (option.name.to_string().as_str(), lit) {
        ("topic", Lit::Str(topic)) if !is_topic(&topic.value()) => Some(say::EMIT_TOPIC),
        ("type", Lit::Str(name)) if name.value().is_empty() => Some(say::EMIT_NAME),
        ("version", Lit::Int(version)) if !is_version(version) => Some(say::EMIT_VERSION),
        _ => None,
    }
}

/// `error` after all that were found before.
pub(super) fn merged(errors: &mut Sink, error: Error) -> Error {
    errors.push(error.clone());
    std::mem::take(errors).into_error().unwrap_or(error)
}
