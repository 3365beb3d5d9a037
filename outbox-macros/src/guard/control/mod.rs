//! Own commits: `tx.commit()` on the handler's transaction, and literal SQL that begins or ends one.
//!
//! Stands before the rewrite: what is wrong is told once and put right, so that nothing follows.

mod commits;
mod literals;
mod queries;
mod sql;
mod tokens;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Local, Macro, Pat};

use crate::diagnostics::{COMMIT_JOINED, COMMIT_OPENED, Sink};
use crate::macros;
use crate::model::{Behind, Handler, parameters};
use crate::names::mentions;
use commits::refused;

/// Checks the body of `handler`.
pub(crate) fn check(handler: &mut Handler, errors: &mut Sink) {
    let Some(tx) = handler.tx.clone().filter(|_| handler.mentioned.may_control()) else { return };
    let by_reference = handler.args.opens.is_some()
        || parameters(&handler.function)
            .any(|(name, parameter)| *name == tx && matches!(&*parameter.ty, syn::Type::Reference(_)));
    let commit = match handler.behind {
        _ if !by_reference || handler.rebound.contains(&tx) || binds(handler.function.block.to_token_stream(), &tx) => {
            None
        }
        Behind::Ours if handler.args.opens.is_some() => Some(COMMIT_OPENED),
        _ => Some(COMMIT_JOINED),
    };
    let mut derived = Derived { names: vec![tx.clone()] };
    derived.visit_block(&handler.function.block);
    let mut control = Control { tx, commit, derived: derived.names, seen: Vec::new(), errors };
    control.visit_block_mut(&mut handler.function.block);
}

/// Whether `let NAME` or `let mut NAME` stands anywhere, in the arguments of macros too.
fn binds(tokens: TokenStream, name: &Ident) -> bool {
    let (mut word, mut word_before) = (String::new(), String::new());
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            word.clear();
            binds(group.stream(), name)
        }
        TokenTree::Ident(ident) => {
            let is_bound = ident == *name && (word == "let" || (word == "mut" && word_before == "let"));
            word_before = std::mem::replace(&mut word, ident.to_string());
            is_bound
        }
        TokenTree::Punct(_) | TokenTree::Literal(_) => {
            word.clear();
            false
        }
    })
}

/// The transaction, and what is made of it: savepoints, connections.
struct Derived {
    names: Vec<Ident>,
}

impl<'ast> Visit<'ast> for Derived {
    fn visit_local(&mut self, node: &'ast Local) {
        if let Some(init) = &node.init
            && mentions(init.expr.to_token_stream(), &self.names)
            && let Pat::Ident(pat) = &node.pat
        {
            self.names.push(pat.ident.clone());
        }
        syn::visit::visit_local(self, node);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

struct Control<'a> {
    tx: Ident,
    /// What to say about `tx.commit()`; nothing where that is the handler's right.
    commit: Option<&'static str>,
    derived: Vec<Ident>,
    /// Literals that were judged with the executor they go to, by their addresses.
    seen: Vec<usize>,
    errors: &'a mut Sink,
}

impl VisitMut for Control<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, node: &mut Expr) {
        match node {
            Expr::MethodCall(call) => {
                if self.ends(&call.method, &call.receiver) {
                    *node = refused();
                    return;
                }
                self.statement(call);
            }
            Expr::Call(call) => {
                if let (Expr::Path(path), Some(first)) = (&*call.func, call.args.first())
                    && let [.., _, last] = &path.path.segments.iter().collect::<Vec<_>>()[..]
                    && self.ends(&last.ident, first)
                {
                    *node = refused();
                    return;
                }
                self.call(call);
            }
            Expr::Macro(node) => self.query_macro(&node.mac),
            _ => {}
        }
        visit_mut::visit_expr_mut(self, node);
    }

    fn visit_macro_mut(&mut self, node: &mut Macro) {
        if macros::is_emit(&node.path) || macros::is_query(&node.path) {
            return;
        }
        if let Some(mut arguments) = macros::arguments(node) {
            arguments.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            node.tokens = arguments.into_token_stream();
        } else {
            node.tokens = self.tokens(node.tokens.clone());
        }
    }
}

/// Whether `expr` is one of `names`, with `&mut`, `*`, `.as_mut()` around it.
fn leads_to(expr: &Expr, names: &[Ident]) -> bool {
    match expr {
        Expr::Reference(reference) => leads_to(&reference.expr, names),
        Expr::Paren(paren) => leads_to(&paren.expr, names),
        Expr::Group(group) => leads_to(&group.expr, names),
        Expr::Unary(unary) => leads_to(&unary.expr, names),
        Expr::MethodCall(call) => {
            let pointer = ["as_mut", "deref_mut", "borrow_mut"].iter().any(|name| call.method == name);
            pointer && call.args.is_empty() && leads_to(&call.receiver, names)
        }
        Expr::Path(path) => path.path.get_ident().is_some_and(|name| names.contains(name)),
        _ => false,
    }
}
