//! What is written in an `emit!`: `[PLACE =>] EVENTS [, OPTIONS]`.

use proc_macro2::{Spacing, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, Result, Token};

use super::options::Options;
use crate::diagnostics::{self as say, Sink};

/// An `emit!`, read.
pub(crate) struct Form {
    /// `emit!(PLACE => …)`
    pub(crate) place: Option<Expr>,
    pub(super) events: Events,
    pub(super) options: Options,
}

/// What is emitted.
pub(super) enum Events {
    /// `emit!(event)`
    One(Expr),
    /// `emit!([a, b])`
    Array(Vec<Expr>),
    /// `emit!(..events)`
    Iterator(Expr),
    /// `emit!(topic = …, type = …, payload = …)`: everything is an option.
    Raw,
}

impl Form {
    /// Reads all of `input`, and tells all its mistakes.
    pub(crate) fn read(input: ParseStream<'_>) -> Result<Self> {
        let mut errors = Sink::default();
        let mut end = Span::call_site();
        let place = if names_transaction(&input.cursor().token_stream()) {
            let place = place(input, &mut errors)?;
            end = input.parse::<Token![=>]>()?.span();
            Some(place)
        } else {
            None
        };
        if input.is_empty() {
            return Err(Error::new(end, say::EMIT_EMPTY));
        }
        let first = input.span();
        let events = events(input)?;
        if !matches!(events, Events::Raw) && !input.is_empty() {
            input.parse::<Token![,]>().map_err(|error| Error::new(error.span(), say::EMIT_MANY))?;
        }
        let options = Options::read(input, matches!(events, Events::Raw).then_some(first), &mut errors)?;
        match errors.into_error() {
            Some(error) => Err(error),
            None => Ok(Self { place, events, options }),
        }
    }

    /// All expressions in it but the place, in their order.
    pub(crate) fn expressions(&self) -> Vec<&Expr> {
        let mut all: Vec<&Expr> = match &self.events {
            Events::One(event) | Events::Iterator(event) => vec![event],
            Events::Array(events) => events.iter().collect(),
            Events::Raw => Vec::new(),
        };
        all.extend(self.options.expressions());
        all
    }
}

/// Whether a `=>` stands before the first comma.
pub(crate) fn names_transaction(tokens: &TokenStream) -> bool {
    let mut equals = false;
    for token in tokens.clone() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => return false,
            TokenTree::Punct(punct) if punct.as_char() == '>' && equals => return true,
            TokenTree::Punct(punct) => equals = punct.as_char() == '=' && punct.spacing() == Spacing::Joint,
            _ => equals = false,
        }
    }
    false
}

/// The transaction: a place, or a `&mut` to one, which says the same.
fn place(input: ParseStream<'_>, errors: &mut Sink) -> Result<Expr> {
    let mut before = TokenStream::new();
    while !input.peek(Token![=>]) {
        before.extend([input.parse::<TokenTree>()?]);
    }
    let whole = before.clone();
    let place = match syn::parse2::<Expr>(before) {
        Ok(Expr::Reference(reference)) if reference.mutability.is_some() => Some(*reference.expr),
        Ok(expr) => Some(expr),
        Err(_) => None,
    };
    match place {
        Some(place) if is_place(&place) => Ok(place),
        _ if whole.is_empty() => Err(Error::new(input.span(), say::EMIT_NO_PLACE)),
        _ => {
            errors.at(whole, say::EMIT_NO_PLACE);
            Ok(syn::parse_quote!(tx))
        }
    }
}

fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.path.get_ident().is_some(),
        Expr::Field(field) => is_place(&field.base),
        Expr::Index(index) => is_place(&index.expr),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && is_place(&unary.expr),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Group(group) => is_place(&group.expr),
        _ => false,
    }
}

fn events(input: ParseStream<'_>) -> Result<Events> {
    if input.peek(Token![...]) {
        return Err(Error::new(input.span(), say::EMIT_DOTS));
    }
    if input.peek(Token![..]) {
        let dots: Token![..] = input.parse()?;
        if input.is_empty() {
            return Err(Error::new(dots.span(), say::EMIT_EMPTY));
        }
        return Ok(Events::Iterator(input.parse()?));
    }
    if is_option(input) {
        return Ok(Events::Raw);
    }
    match ungrouped(input.parse()?) {
        Expr::Array(array) if array.elems.is_empty() => Err(Error::new(array.span(), say::EMIT_EMPTY)),
        Expr::Array(array) => Ok(Events::Array(array.elems.into_iter().collect())),
        event => Ok(Events::One(event)),
    }
}

/// Without the invisible brackets around what a `macro_rules!` was given.
pub(super) fn ungrouped(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => ungrouped(*group.expr),
        other => other,
    }
}

/// Whether `NAME =` is next.
pub(super) fn is_option(input: ParseStream<'_>) -> bool {
    input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]) && !input.peek2(Token![=>])
}
