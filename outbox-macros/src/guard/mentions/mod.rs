//! Mentions: each place below a parameter is checked once, whatever is done with it: `helper(&self.kafka.producer)`.
//!
//! The checks stand at the top of the body. What may mean something else there is left out: names that are bound anew,
//! code under a `cfg` or in `unsafe`. The arguments of macros that are not known are looked through token by token.

mod carried;
mod conditional;
mod path;
mod tokens;
mod walk;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::visit::Visit;
use syn::{FnArg, ItemFn};

pub(super) use tokens::{hide_a_send, say_they_send};

use super::places::Roots;
use super::statements::Statements;
use super::{parameters, probes};
use crate::model::Handler;
use crate::names::mentions;

/// A place, as it can be named at the top of the body.
struct Mention {
    tokens: TokenStream,
    key: String,
    /// The parameter itself, without a field.
    bare: Option<Ident>,
    /// The last name; in a macro, the method that publishes.
    span: Span,
    /// In a macro: a method is called on it that publishes.
    sends: bool,
    /// It only gets another name, and what that name sends through is told there.
    carried: bool,
}

/// All of a body.
pub(super) struct Mentions<'a> {
    roots: &'a Roots,
    statements: &'a Statements<'a>,
    found: Vec<Mention>,
    beside: TokenStream,
    /// The pool of `tx = self.pool`, which is no producer.
    from: Option<String>,
    /// Places that were checked where they send.
    told: &'a [String],
    /// Places that only get another name, by their addresses.
    carried: Vec<usize>,
}

impl<'a> Mentions<'a> {
    pub(super) fn of(handler: &Handler, roots: &'a Roots, statements: &'a Statements<'a>, told: &'a [String]) -> Self {
        let from = handler.args.opens.as_ref().map(|opens| opens.from.to_token_stream().to_string());
        let (found, beside, carried) = (Vec::new(), TokenStream::new(), Vec::new());
        let mut mentions = Self { roots, statements, found, beside, from, told, carried };
        mentions.visit_block(&handler.function.block);
        mentions
    }

    /// Parameters that a macro's arguments send through.
    pub(super) fn sending(&self) -> impl Iterator<Item = &String> {
        self.found.iter().filter(|mention| mention.sends && mention.bare.is_some()).map(|mention| &mention.key)
    }

    /// Checks of the places, but not of those in `told`, and of parameters only where their type is not written.
    pub(super) fn raw(&self, function: &ItemFn) -> TokenStream {
        let mut checks = TokenStream::new();
        let mut seen: Vec<&str> = Vec::new();
        let sending = |key: &str| self.found.iter().find(|mention| mention.sends && mention.key == key);
        for mention in &self.found {
            let mention = sending(&mention.key).unwrap_or(mention);
            let written = mention.bare.as_ref().is_some_and(|name| name == "self" || is_written(function, name));
            if self.from.as_ref() == Some(&mention.key)
                || self.told.contains(&mention.key)
                || self.found.iter().all(|other| other.key != mention.key || other.carried)
                || seen.contains(&&*mention.key)
                || (written && !mention.sends)
            {
                continue;
            }
            seen.push(&mention.key);
            let (tokens, span) = (&mention.tokens, mention.span);
            checks.extend(if mention.sends { probes::sends(tokens, span) } else { probes::held(tokens, span) });
        }
        checks
    }

    /// Checks of statements in the arguments of macros.
    pub(super) fn statements(self) -> TokenStream {
        self.beside
    }

    /// `root.field.field`, for the top of the body.
    fn record(&mut self, root: &Ident, fields: &[(TokenStream, Span)], sends: Option<Span>, carried: bool) {
        let Some(parameter) = self.roots.parameter(root) else { return };
        let names = fields.iter().map(|(name, _)| name);
        let tokens = quote!(#parameter #(.#names)*);
        let span = sends.unwrap_or_else(|| fields.last().map_or_else(|| root.span(), |(_, span)| *span));
        let bare = fields.is_empty().then_some(parameter);
        self.found.push(Mention { key: tokens.to_string(), tokens, bare, span, sends: sends.is_some(), carried });
    }
}

/// Whether the type of this parameter is checked as it is written.
fn is_written(function: &ItemFn, name: &Ident) -> bool {
    function.sig.inputs.iter().any(|input| match input {
        FnArg::Typed(parameter) => {
            mentions(parameter.pat.to_token_stream(), std::slice::from_ref(name))
                && parameters::is_written(&parameter.ty)
        }
        FnArg::Receiver(_) => false,
    })
}
