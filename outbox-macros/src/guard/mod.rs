//! What a handler must not do beside its transaction: send to Kafka, run statements elsewhere, commit by itself.
//!
//! By type, not by name: probes in branches that never run. Each concern has its file; [`Guard`] is what the rewrite of
//! the body calls.

mod clients;
mod control;
mod mentions;
mod parameters;
mod places;
mod probes;
mod receivers;
mod sends;
mod sqlx;
mod statements;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::{Expr, Path};

pub(crate) use control::check as own_commits;
pub(crate) use sqlx::executes;

use crate::macros;
use crate::model::{Behind, Handler};
use mentions::Mentions;
use places::Roots;
use statements::Statements;

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
    pub(crate) fn foreign_macro(&mut self, path: &Path, tokens: &TokenStream) {
        let is_plain = || path.segments.last().is_some_and(|last| self.plain.contains(&last.ident));
        self.foreign =
            self.foreign || !(macros::is_harmless(path) || is_plain() || mentions::say_they_send(tokens.clone()));
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
        let mut asked = TokenStream::new();
        if args.raw_kafka.is_none() {
            let told: Vec<_> = self.told.iter().chain(mentions.sending()).cloned().collect();
            asked.extend(parameters::checks(self.handler, &self.roots, &told, &self.sources));
            asked.extend(mentions.raw(&self.handler.function));
            // Where nothing is checked, nothing has to be declared.
            if !asked.is_empty() || !self.told.is_empty() {
                checks.extend(clients::declarations());
            }
        }
        if args.outside_tx.is_none() {
            asked.extend(mentions.statements());
        }
        if !asked.is_empty() {
            let asked = probes::dead(&asked, Span::call_site());
            checks.extend(quote_spanned! {Span::mixed_site()=>
                #[allow(deprecated, unused_must_use, clippy::all, clippy::pedantic)]
                #asked
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

/// What tells a node from others that look the same, for as long as the body stays where it is.
fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node).addr()
}
