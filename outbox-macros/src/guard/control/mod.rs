//! Own commits: `tx.commit()` on the handler's transaction, and literal SQL that begins or ends one.
//!
//! Stands before the rewrite: what is wrong is told once and put right, so that nothing follows.

mod sql;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprCall, ExprLit, ExprMethodCall, Lit, LitStr, Local, Macro, Pat, Token};

use super::places::Rebound;
use super::statements::STATEMENTS;
use crate::diagnostics::{COMMIT_JOINED, COMMIT_OPENED, RAW_CONTROL, Sink};
use crate::model::{Behind, Handler, parameters};
use crate::names::mentions;
use crate::rewrite::KNOWN;

/// Checks the body of `handler`.
pub(crate) fn check(handler: &mut Handler, errors: &mut Sink) {
    let Some(tx) = handler.tx.clone().filter(|_| handler.mentioned.may_control()) else { return };
    let by_reference = handler.args.opens.is_some()
        || parameters(&handler.function)
            .any(|(name, parameter)| *name == tx && matches!(&*parameter.ty, syn::Type::Reference(_)));
    let mut rebound = Rebound::default();
    rebound.visit_block(&handler.function.block);
    let commit = match handler.behind {
        _ if !by_reference || rebound.0.contains(&tx) || binds(handler.function.block.to_token_stream(), &tx) => None,
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
        let name = node.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if name == "emit" || name.starts_with("query") {
            return;
        }
        if KNOWN.contains(&&*name)
            && let Ok(mut arguments) = node.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        {
            arguments.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            node.tokens = arguments.into_token_stream();
        } else {
            node.tokens = self.tokens(node.tokens.clone());
        }
    }
}

impl Control<'_> {
    /// Whether this is `tx.commit()` or `tx.rollback()`; it is told.
    fn ends(&mut self, method: &Ident, receiver: &Expr) -> bool {
        let Some(message) = self.commit.filter(|_| method == "commit" || method == "rollback") else { return false };
        let is_tx = leads_to(receiver, std::slice::from_ref(&self.tx));
        if is_tx {
            self.errors.at(method, message);
        }
        is_tx
    }

    /// `QUERY.execute(EXECUTOR)` and `EXECUTOR.execute(QUERY)`.
    fn statement(&mut self, call: &ExprMethodCall) {
        if !STATEMENTS.iter().any(|name| call.method == name) {
            return;
        }
        let Some(argument) = call.args.first() else { return };
        if let Some(literal) = text(argument) {
            if leads_to(&call.receiver, &self.derived) {
                self.literal(literal);
            }
            return;
        }
        let on_tx = mentions(argument.to_token_stream(), &self.derived);
        match root(&call.receiver) {
            Expr::Call(query) => {
                if let Some(literal) = query_text(query).and_then(|(_, text)| text) {
                    self.seen.push(address(literal));
                    if on_tx {
                        self.literal(literal);
                    }
                }
            }
            Expr::Macro(query) if !on_tx => self.seen.push(address(&query.mac)),
            _ => {}
        }
    }

    /// `sqlx::query("…")` by itself, and statements by their paths.
    fn call(&mut self, call: &ExprCall) {
        // `Executor::execute(tx, "…")`
        if let (Expr::Path(path), Some(executor), Some(literal)) =
            (&*call.func, call.args.first(), call.args.get(1).and_then(text))
            && path.path.segments.last().is_some_and(|last| STATEMENTS.iter().any(|name| last.ident == name))
            && leads_to(executor, &self.derived)
        {
            self.literal(literal);
        }
        if let Some((true, Some(literal))) = query_text(call)
            && !self.seen.contains(&address(literal))
        {
            self.literal(literal);
        }
    }

    /// `query!("…")`
    fn query_macro(&mut self, mac: &Macro) {
        let is_query = mac.path.segments.last().is_some_and(|last| QUERY_MACROS.iter().any(|name| last.ident == name));
        if !is_query || self.seen.contains(&address(mac)) {
            return;
        }
        let literal = mac.tokens.clone().into_iter().find_map(|token| syn::parse2::<LitStr>(token.into()).ok());
        if let Some(literal) = literal {
            self.literal(&literal);
        }
    }

    fn literal(&mut self, literal: &LitStr) {
        if sql::controls(&literal.value()) {
            self.errors.at(literal, RAW_CONTROL);
        }
    }

    /// The same in the arguments of a macro that is not known.
    fn tokens(&mut self, input: TokenStream) -> TokenStream {
        let mut output = Vec::<TokenTree>::new();
        for token in input {
            let TokenTree::Group(group) = &token else {
                output.push(token);
                continue;
            };
            if group.delimiter() == Delimiter::Parenthesis && self.ends_here(&output) {
                let kept = output.len().saturating_sub(3);
                output.truncate(kept);
                output.extend(refused().into_token_stream());
                continue;
            }
            if let Some(TokenTree::Ident(name)) = output.last()
                && QUERIES.iter().any(|query| name == query)
                && let Some(first) = group.stream().into_iter().next()
                && let Ok(literal) = syn::parse2::<LitStr>(first.into())
            {
                self.literal(&literal);
            }
            let mut inner = Group::new(group.delimiter(), self.tokens(group.stream()));
            inner.set_span(group.span());
            output.push(inner.into());
        }
        output.into_iter().collect()
    }

    /// Whether the next group is the arguments of `tx.commit`; it is told.
    fn ends_here(&mut self, before: &[TokenTree]) -> bool {
        let [.., TokenTree::Ident(tx), TokenTree::Punct(dot), TokenTree::Ident(method)] = before else { return false };
        let message = self.commit.filter(|_| method == "commit" || method == "rollback");
        match message {
            Some(message) if *tx == self.tx && dot.as_char() == '.' => {
                self.errors.at(method, message);
                true
            }
            _ => false,
        }
    }
}

/// Functions of sqlx whose first argument is the statement.
const QUERIES: [&str; 8] = [
    "query",
    "query_with",
    "query_as",
    "query_as_with",
    "query_scalar",
    "query_scalar_with",
    "raw_sql",
    "query_unchecked",
];

const QUERY_MACROS: [&str; 6] =
    ["query", "query_unchecked", "query_as", "query_as_unchecked", "query_scalar", "query_scalar_unchecked"];

/// Of a call that makes a statement: whether it surely is sqlx's, and its text, if that is literal.
fn query_text(call: &ExprCall) -> Option<(bool, Option<&LitStr>)> {
    let Expr::Path(path) = &*call.func else { return None };
    let names: Vec<_> = path.path.segments.iter().map(|segment| &segment.ident).collect();
    let is_query = match names[..] {
        [.., owner, new] if owner == "QueryBuilder" => new == "new",
        [.., last] => QUERIES.iter().any(|query| last == query),
        [] => false,
    };
    let surely = names.first().is_some_and(|first| *first == "sqlx");
    is_query.then(|| (surely, call.args.first().and_then(text)))
}

/// A literal, also in `AssertSqlSafe(…)` and the like.
fn text(expr: &Expr) -> Option<&LitStr> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) => Some(literal),
        Expr::Call(call) if call.args.len() == 1 && query_text(call).is_none() => call.args.first().and_then(text),
        Expr::Paren(paren) => text(&paren.expr),
        Expr::Group(group) => text(&group.expr),
        _ => None,
    }
}

/// Where a chain of methods begins.
fn root(expr: &Expr) -> &Expr {
    match expr {
        Expr::MethodCall(call) => root(&call.receiver),
        Expr::Paren(paren) => root(&paren.expr),
        Expr::Group(group) => root(&group.expr),
        other => other,
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

fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node).addr()
}

/// In the place of what was refused, with its type.
fn refused() -> Expr {
    syn::parse_quote!(::outbox::__private::refused())
}
