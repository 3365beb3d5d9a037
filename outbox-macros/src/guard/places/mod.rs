//! Places that come from a parameter: which names lead to one, and what an expression is a reference to.

mod aliases;
mod base;

use proc_macro2::Ident;
use syn::FnArg;
use syn::visit::Visit;

pub(super) use base::{Base, POINTERS};

use crate::model::Handler;
use crate::names::bound;
use aliases::{Alias, Aliases};

/// The names of a handler that lead to one of its parameters.
pub(super) struct Roots {
    /// `self` and the names in the parameters' patterns, if the body does not bind them anew.
    parameters: Vec<Ident>,
    /// Names bound to a place below a parameter: `let pool = &self.pool`.
    aliases: Vec<Alias>,
    /// All names of parameters and of the body.
    bound: Vec<Ident>,
}

impl Roots {
    pub(super) fn new(handler: &Handler) -> Self {
        let mut parameters = Vec::new();
        for input in &handler.function.sig.inputs {
            match input {
                FnArg::Receiver(receiver) => parameters.push(Ident::new("self", receiver.self_token.span)),
                FnArg::Typed(parameter) => parameters.extend(bound(&parameter.pat)),
            }
        }
        let rebound = &handler.rebound;
        let all: Vec<_> = parameters.iter().chain(rebound).cloned().collect();
        let mut aliases = Aliases { rebound, parameters, found: Vec::new() };
        aliases.visit_block(&handler.function.block);
        let Aliases { parameters, found, .. } = aliases;
        let bound = |name: &Ident| rebound.iter().filter(|other| *other == name).count();
        let aliased = |name: &Ident| found.iter().filter(|alias| alias.name == *name).count();
        let aliases: Vec<_> =
            found.iter().filter(|alias| bound(&alias.name) == aliased(&alias.name)).cloned().collect();
        Self { parameters: parameters.into_iter().filter(|name| bound(name) == 0).collect(), aliases, bound: all }
    }

    /// Whether `name` is a parameter throughout the body.
    pub(super) fn is_parameter(&self, name: &Ident) -> bool {
        self.parameters.contains(name)
    }

    /// Whether `name` leads to a parameter.
    pub(super) fn leads(&self, name: &Ident) -> bool {
        self.parameters.contains(name) || self.alias(name).is_some()
    }

    /// The parameter that `name` is, as it is named at the top of the body.
    pub(super) fn parameter(&self, name: &Ident) -> Option<Ident> {
        if self.parameters.contains(name) {
            return Some(name.clone());
        }
        self.alias(name).and_then(|alias| alias.parameter.clone())
    }

    /// The names that `name` comes from, itself included.
    pub(super) fn origins(&self, name: &Ident) -> Vec<Ident> {
        let mut names = vec![name.clone()];
        while let Some(root) = names.last().and_then(|name| self.alias(name)).map(|alias| alias.root.clone())
            && !names.contains(&root)
        {
            names.push(root);
        }
        names
    }

    fn alias(&self, name: &Ident) -> Option<&Alias> {
        self.aliases.iter().find(|alias| alias.name == *name)
    }

    /// The place that `name`, or `name.field`, is another name for, as text.
    pub(super) fn place(&self, name: &str) -> Option<String> {
        let end = name.find(|letter: char| letter != '_' && !letter.is_alphanumeric());
        let (name, fields) = name.split_at(end.unwrap_or(name.len()));
        let place = self.aliases.iter().find(|alias| alias.name == name).and_then(|alias| alias.place.as_ref())?;
        Some(format!("{place}{fields}"))
    }

    /// Whether `name` is one of a parameter or of the body.
    pub(super) fn is_bound(&self, name: &Ident) -> bool {
        self.bound.contains(name)
    }
}
