//! Places that come from a parameter: which names lead to one, and what an expression is a reference to.

mod aliases;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Expr, FnArg, Local, Member, Pat, PatIdent};

use super::sends::{is_place, is_plain_index};
use crate::model::Handler;
use aliases::Aliases;

/// Names that a body binds: they may not mean the parameter any more.
#[derive(Default)]
pub(crate) struct Rebound(pub(crate) Vec<Ident>);

impl<'ast> Visit<'ast> for Rebound {
    /// `let x = x;`, as `#[async_trait]` writes it, is no other `x`.
    fn visit_local(&mut self, node: &'ast Local) {
        match same_name(node) {
            true => {}
            false => visit::visit_local(self, node),
        }
    }

    fn visit_pat_ident(&mut self, node: &'ast PatIdent) {
        self.0.push(node.ident.clone());
        visit::visit_pat_ident(self, node);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

fn same_name(local: &Local) -> bool {
    matches!((&local.pat, &local.init), (Pat::Ident(pat), Some(init))
        if init.diverge.is_none() && matches!(&*init.expr, Expr::Path(path) if path.path.is_ident(&pat.ident)))
}

/// The names of a handler that lead to one of its parameters.
pub(super) struct Roots {
    /// `self` and the names in the parameters' patterns, if the body does not bind them anew.
    parameters: Vec<Ident>,
    /// Names bound to a place below a parameter: `let pool = &self.pool`.
    aliases: Vec<Alias>,
    /// All names of parameters and of the body.
    bound: Vec<Ident>,
}

#[derive(Clone)]
struct Alias {
    name: Ident,
    /// The parameter, where it is nothing but another name for it.
    parameter: Option<Ident>,
    /// The place, where it is nothing but another name for that.
    place: Option<String>,
    /// The name that the place begins with.
    root: Ident,
}

impl Roots {
    pub(super) fn new(handler: &Handler) -> Self {
        let mut names = Names::default();
        for input in &handler.function.sig.inputs {
            match input {
                FnArg::Receiver(receiver) => names.0.push(Ident::new("self", receiver.self_token.span)),
                FnArg::Typed(parameter) => names.visit_pat(&parameter.pat),
            }
        }
        let mut rebound = Rebound::default();
        rebound.visit_block(&handler.function.block);
        let all: Vec<_> = names.0.iter().chain(&rebound.0).cloned().collect();
        let mut aliases = Aliases { rebound: &rebound.0, parameters: names.0, found: Vec::new() };
        aliases.visit_block(&handler.function.block);
        let Aliases { parameters, found, .. } = aliases;
        let bound = |name: &Ident| rebound.0.iter().filter(|other| *other == name).count();
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

    /// What `expr` refers to, without `&`, `*`, `.clone()` and the like around it, if that comes from a parameter.
    pub(super) fn base(&self, expr: &Expr) -> Option<Base> {
        match expr {
            Expr::Reference(reference) => self.base(&reference.expr),
            Expr::Paren(paren) => self.base(&paren.expr),
            Expr::Group(group) => self.base(&group.expr),
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => self.base(&unary.expr),
            Expr::MethodCall(call) if call.args.is_empty() && call.turbofish.is_none() => {
                let base = self.base(&call.receiver)?;
                if POINTERS.iter().any(|name| call.method == name) {
                    Some(base)
                } else if call.method == "unwrap" {
                    Some(Base { tokens: expr.to_token_stream(), ..base })
                } else if names_a_pool(&call.method) {
                    Some(Base { tokens: expr.to_token_stream(), last: call.method.span(), ..base })
                } else {
                    None
                }
            }
            Expr::MethodCall(call) if call.method == "expect" && matches!(call.args.first(), Some(Expr::Lit(_))) => {
                let base = self.base(&call.receiver)?;
                Some(Base { tokens: expr.to_token_stream(), ..base })
            }
            // `Arc::clone(&self.pool)`
            Expr::Call(call) => match (&*call.func, call.args.first()) {
                (Expr::Path(path), Some(only)) if call.args.len() == 1 => {
                    let last = path.path.segments.last()?;
                    let pointer = path.path.segments.len() > 1 && POINTERS.iter().any(|name| last.ident == name);
                    if pointer { self.base(only) } else { None }
                }
                _ => None,
            },
            Expr::Field(field) => {
                let base = self.base(&field.base)?;
                let last = match &field.member {
                    Member::Named(name) => name.span(),
                    Member::Unnamed(index) => index.span,
                };
                Some(Base { tokens: expr.to_token_stream(), last, ..base })
            }
            Expr::Index(index) if is_place(&index.expr) && is_plain_index(&index.index) => {
                let base = self.base(&index.expr)?;
                Some(Base { tokens: expr.to_token_stream(), ..base })
            }
            Expr::Path(path) => {
                let name = path.path.get_ident().filter(|name| self.leads(name))?;
                Some(Base {
                    tokens: name.to_token_stream(),
                    root: name.clone(),
                    last: name.span(),
                    local: self.parameter(name).is_none(),
                })
            }
            _ => None,
        }
    }
}

/// A place below a parameter.
pub(super) struct Base {
    pub(super) tokens: TokenStream,
    /// The name it begins with.
    pub(super) root: Ident,
    /// Its last name.
    pub(super) last: Span,
    /// It begins with a name that the body gave to something below a parameter.
    pub(super) local: bool,
}

/// Methods without arguments whose result leads to the same thing.
pub(super) const POINTERS: [&str; 9] =
    ["as_ref", "as_mut", "clone", "deref", "deref_mut", "borrow", "borrow_mut", "to_owned", "by_ref"];

/// Methods without arguments that give the elements.
const ITERATORS: [&str; 5] = ["iter", "iter_mut", "into_iter", "values", "values_mut"];

/// Getters that can be expected to be about a database. What they return is decided by its type.
fn names_a_pool(name: &Ident) -> bool {
    let name = name.to_string();
    ["pool", "db", "conn", "database", "pg", "sql", "reader", "writer", "replica", "primary", "executor"]
        .iter()
        .any(|part| name.contains(part))
}

/// The names in a pattern.
#[derive(Default)]
pub(super) struct Names(pub(super) Vec<Ident>);

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, node: &'ast PatIdent) {
        self.0.push(node.ident.clone());
        visit::visit_pat_ident(self, node);
    }
}
