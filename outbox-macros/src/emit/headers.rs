//! `headers = { "name" => value, ..pairs }`, or any iterator of pairs.

use proc_macro2::TokenTree;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, ExprLit, Lit, Result, Token};

use crate::diagnostics::{self as say, Sink};
use crate::names::{HeaderProblem, header_problem};

/// Headers, in their order.
pub(super) struct Headers(pub(super) Vec<Header>);

/// What can stand between the braces.
pub(super) enum Header {
    Pair(Expr, Expr),
    /// `..pairs`
    Pairs(Expr),
}

impl Headers {
    pub(super) fn read(input: ParseStream<'_>, errors: &mut Sink) -> Result<Self> {
        // A brace that ends the value; a block with something behind it is an expression.
        let fork = input.fork();
        let braced = fork.parse::<TokenTree>().is_ok() && (fork.is_empty() || fork.peek(Token![,]));
        if !(braced && input.peek(syn::token::Brace)) {
            let pairs = input.parse().map_err(|error| Error::new(error.span(), say::EMIT_HEADERS))?;
            return Ok(Self(vec![Header::Pairs(pairs)]));
        }
        let inside;
        syn::braced!(inside in input);
        let mut headers = Vec::new();
        while !inside.is_empty() {
            if inside.parse::<Option<Token![..]>>()?.is_some() {
                headers.push(Header::Pairs(inside.parse()?));
            } else {
                let name = name(&inside)?;
                check(&name, errors);
                inside.parse::<Token![=>]>().map_err(|error| Error::new(error.span(), say::EMIT_HEADERS))?;
                if inside.is_empty() || inside.peek(Token![,]) {
                    return Err(Error::new(inside.span(), say::EMIT_HEADERS));
                }
                headers.push(Header::Pair(name, inside.parse()?));
            }
            if !inside.is_empty() {
                inside.parse::<Token![,]>().map_err(|error| Error::new(error.span(), say::EMIT_HEADERS))?;
            }
        }
        Ok(Self(headers))
    }

    pub(super) fn expressions(&self) -> Vec<&Expr> {
        self.0.iter().flat_map(Header::expressions).collect()
    }
}

impl Header {
    fn expressions(&self) -> Vec<&Expr> {
        match self {
            Self::Pair(name, value) => vec![name, value],
            Self::Pairs(pairs) => vec![pairs],
        }
    }
}

/// An expression up to `=>`, `:`, `,` or the end: `NAME => …` is no closure or match arm to `syn`.
fn name(inside: ParseStream<'_>) -> Result<Expr> {
    let start = inside.span();
    let mut tokens = Vec::<TokenTree>::new();
    while !inside.is_empty() && !inside.peek(Token![=>]) && !inside.peek(Token![,]) {
        if inside.peek(Token![:]) && !inside.peek(Token![::]) {
            return Err(Error::new(inside.span(), say::EMIT_HEADERS));
        }
        if inside.peek(Token![::]) {
            tokens.extend([inside.parse()?, inside.parse()?]);
            continue;
        }
        tokens.push(inside.parse()?);
    }
    let parse = |input: ParseStream<'_>| input.parse::<Expr>();
    parse.parse2(tokens.into_iter().collect()).map_err(|_| Error::new(start, say::EMIT_HEADERS))
}

/// A literal name that can never be.
fn check(name: &Expr, errors: &mut Sink) {
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = ungrouped(name) else { return };
    match header_problem(&text.value()) {
        Some(HeaderProblem::Name) => errors.at(text, say::EMIT_HEADER_NAME),
        Some(HeaderProblem::ContentType) => errors.at(text, say::EMIT_HEADER_CONTENT_TYPE),
        Some(HeaderProblem::Reserved) => errors.at(text, say::EMIT_HEADER_RESERVED),
        None => {}
    }
}

fn ungrouped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => ungrouped(&group.expr),
        Expr::Paren(paren) => ungrouped(&paren.expr),
        other => other,
    }
}
