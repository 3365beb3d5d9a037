//! What a handler must not do beside its transaction: send to Kafka, run statements elsewhere, commit by itself.
//!
//! By type, not by name: probes in branches that never run. Each concern has its file; [`Guard`] is what the rewrite of
//! the body calls.

mod clients;
mod control;
mod mentions;
mod parameters;
mod places;
mod sends;
mod statements;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Expr;

pub(crate) use control::check as own_commits;
pub(crate) use places::Rebound;
pub(crate) use statements::STATEMENTS;

use crate::model::{Behind, Handler};
use crate::rewrite::KNOWN;
use mentions::Mentions;
use places::Roots;
use statements::Statements;

/// Macros that do with their arguments what they say, and nothing else.
const HARMLESS: [&str; 31] = [
    "anyhow",
    "bail",
    "bind",
    "concat",
    "counter",
    "debug_span",
    "ensure",
    "env",
    "error_span",
    "event",
    "format_args",
    "gauge",
    "histogram",
    "include_str",
    "info_span",
    "json",
    "line",
    "macro_rules",
    "matches",
    "option_env",
    "pin_mut",
    "ready",
    "select",
    "select_biased",
    "span",
    "stringify",
    "todo",
    "trace_span",
    "unimplemented",
    "unreachable",
    "warn_span",
];

/// The checks of one handler.
pub(crate) struct Guard<'a> {
    handler: &'a Handler,
    roots: Roots,
    statements: Statements<'a>,
    /// Places that were checked where they send.
    told: Vec<String>,
    /// Names that lead to what was checked where it sends.
    sources: Vec<Ident>,
    /// A macro's arguments send, and could not be looked into.
    hidden: bool,
    /// A macro that is not known may send.
    foreign: bool,
    /// Macros of the body that were looked into.
    plain: Vec<Ident>,
}

impl<'a> Guard<'a> {
    pub(crate) fn new(handler: &'a Handler) -> Self {
        let roots = Roots::new(handler);
        Self {
            handler,
            roots,
            statements: Statements::new(handler),
            told: Vec::new(),
            sources: Vec::new(),
            hidden: false,
            foreign: false,
            plain: Vec::new(),
        }
    }

    /// Puts a check in front of `node`, if it needs one. Called once for each expression, the inner ones first. A task
    /// (`spawned`) has statements of its own, and a transaction if it opens one.
    pub(crate) fn expression(&mut self, node: &mut Expr, spawned: bool) {
        if self.handler.args.outside_tx.is_none() && !spawned {
            self.statements.check(&self.roots, node);
        }
        if self.handler.args.raw_kafka.is_none() {
            self.foreign = self.foreign || sends::is_on_a_macro(node, &self.plain);
            self.sources.extend(sends::source(node).into_iter().flat_map(|name| self.roots.origins(name)));
            let place = sends::check(&self.roots, node);
            self.told.extend(place.as_deref().and_then(|place| self.roots.place(place)));
            self.told.extend(place);
        }
    }

    /// Whether `tx` is the transaction, throughout the body, and a `&mut` to it.
    pub(crate) fn is_reference(&self, tx: &Ident) -> bool {
        self.handler.behind != Behind::Unknown && self.roots.is_parameter(tx)
    }

    /// Looks at the arguments of a macro that cannot be parsed.
    pub(crate) fn unknown_macro(&mut self, tokens: &TokenStream) {
        self.hidden = self.hidden || mentions::hide_a_send(&self.roots, tokens.clone());
    }

    /// A macro that is not known may call, by itself, what publishes.
    pub(crate) fn foreign_macro(&mut self, name: &str, tokens: &TokenStream) {
        let harmless = HARMLESS.contains(&name) || KNOWN.contains(&name) || name.starts_with("query");
        self.foreign = self.foreign
            || !(harmless || self.plain.iter().any(|plain| plain == name) || mentions::say_they_send(tokens.clone()));
    }

    /// `macro_rules!` in the body: without parameters, all of what it does is read where it stands.
    pub(crate) fn declared_macro(&mut self, name: &Ident, tokens: &TokenStream) {
        if !tokens.to_string().contains('$') {
            self.plain.push(name.clone());
        }
    }

    /// What stands at the top of the body.
    pub(crate) fn checks(&self) -> TokenStream {
        let args = &self.handler.args;
        let mentions = Mentions::of(self.handler, &self.roots, &self.statements, &self.told);
        let mut checks = TokenStream::new();
        let mut probes = TokenStream::new();
        if args.raw_kafka.is_none() {
            let told: Vec<_> = self.told.iter().chain(mentions.sending()).cloned().collect();
            probes.extend(parameters::checks(self.handler, &self.roots, &told, &self.sources));
            probes.extend(mentions.raw(&self.handler.function));
            // Where nothing is checked, nothing has to be declared.
            if !probes.is_empty() || !self.told.is_empty() {
                checks.extend(clients::declarations());
            }
        }
        if args.outside_tx.is_none() {
            probes.extend(mentions.statements());
        }
        if !probes.is_empty() {
            let probes = sends::dead(&probes, Span::call_site());
            checks.extend(quote_spanned! {Span::mixed_site()=>
                #[allow(deprecated, unused_must_use, clippy::all, clippy::pedantic)]
                #probes
            });
        }
        // Where a send is checked as well, both would tell.
        if (self.hidden || (self.foreign && self.told.is_empty())) && args.raw_kafka.is_none() {
            checks.extend(shadow());
        }
        checks
    }
}

/// Inside of macros no receiver can be told from other tokens: there, a method that takes precedence over the
/// producers' own does not compile.
fn shadow() -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        #[allow(unused_imports)]
        use ::outbox::__private::shadow::*;
    }
}
