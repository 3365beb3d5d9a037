//! Mentions: each place below a parameter is checked once, whatever is done with it: `helper(&self.kafka.producer)`.
//!
//! The checks stand at the top of the body. What may mean something else there is left out: names that are bound anew,
//! code under a `cfg` or in `unsafe`. The arguments of macros that are not known are looked through token by token.

mod carried;
mod tokens;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, FnArg, ItemFn, Macro, Member, Token};

use super::places::Roots;
use super::statements::Statements;
use super::{parameters, sends};
use crate::model::Handler;
use crate::names::mentions;
use crate::rewrite::KNOWN;

use tokens::not_followed_by_a_field;
pub(super) use tokens::{hide_a_send, say_they_send};

/// The fields behind a name, with the places to show.
type Fields = Vec<(TokenStream, Span)>;

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
            checks.extend(if mention.sends { sends::sends(tokens, span) } else { sends::held(tokens, span) });
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

impl<'ast> Visit<'ast> for Mentions<'_> {
    // A macro of the handler's own names what is in scope here.
    fn visit_item(&mut self, node: &'ast syn::Item) {
        if let syn::Item::Macro(item) = node {
            self.visit_macro(&item.mac);
        }
    }

    fn visit_expr_unsafe(&mut self, _: &'ast syn::ExprUnsafe) {}

    fn visit_local(&mut self, node: &'ast syn::Local) {
        if !conditional(&node.attrs) {
            if let Some(init) = &node.init {
                self.carry(&[&node.pat], &init.expr);
            }
            visit::visit_local(self, node);
        }
    }

    fn visit_expr_let(&mut self, node: &'ast syn::ExprLet) {
        self.carry(&[&node.pat], &node.expr);
        visit::visit_expr_let(self, node);
    }

    fn visit_expr_for_loop(&mut self, node: &'ast syn::ExprForLoop) {
        self.carry(&[&node.pat], &node.expr);
        visit::visit_expr_for_loop(self, node);
    }

    fn visit_expr_match(&mut self, node: &'ast syn::ExprMatch) {
        let patterns: Vec<_> = node.arms.iter().map(|arm| &arm.pat).collect();
        self.carry(&patterns, &node.expr);
        visit::visit_expr_match(self, node);
    }

    fn visit_arm(&mut self, node: &'ast syn::Arm) {
        if !conditional(&node.attrs) {
            visit::visit_arm(self, node);
        }
    }

    fn visit_field_value(&mut self, node: &'ast syn::FieldValue) {
        if !conditional(&node.attrs) {
            visit::visit_field_value(self, node);
        }
    }

    fn visit_stmt_macro(&mut self, node: &'ast syn::StmtMacro) {
        if !conditional(&node.attrs) {
            visit::visit_stmt_macro(self, node);
        }
    }

    fn visit_expr(&mut self, node: &'ast Expr) {
        if conditional(attributes(node)) {
            return;
        }
        let mut fields = Vec::new();
        match path(node, &mut fields) {
            Some(root) if self.roots.parameter(root).is_some() => {
                let carried = self.carried.contains(&carried::address(node));
                self.record(root, &fields, None, carried);
                // What only looks like a getter may be a method of a publisher.
                if let Some(receiver) = getter(node) {
                    self.visit_expr(receiver);
                }
            }
            _ => visit::visit_expr(self, node),
        }
    }

    fn visit_macro(&mut self, node: &'ast Macro) {
        let known = node
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "emit" || KNOWN.iter().any(|name| last.ident == name));
        match node.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            Ok(arguments) if known => arguments.iter().for_each(|argument| self.visit_expr(argument)),
            _ => {
                let tokens: Vec<_> = node.tokens.clone().into_iter().collect();
                let mut rebound = Vec::new();
                not_followed_by_a_field(&tokens, &mut rebound);
                self.tokens(&tokens, &rebound);
            }
        }
    }
}

/// What the outermost method in `root.getter().field` is called on.
fn getter(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Field(field) => getter(&field.base),
        Expr::MethodCall(call) => Some(&call.receiver),
        _ => None,
    }
}

/// The root of `root.field.field`.
fn path<'e>(expr: &'e Expr, fields: &mut Fields) -> Option<&'e Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Field(field) => {
            let root = path(&field.base, fields)?;
            fields.push(match &field.member {
                Member::Named(name) => (name.to_token_stream(), name.span()),
                Member::Unnamed(index) => (index.to_token_stream(), index.span),
            });
            Some(root)
        }
        // A getter, as far as its name says so.
        Expr::MethodCall(call)
            if call.args.is_empty() && call.turbofish.is_none() && names_a_publisher(&call.method) =>
        {
            let root = path(&call.receiver, fields)?;
            let method = &call.method;
            fields.push((quote!(#method()), method.span()));
            Some(root)
        }
        _ => None,
    }
}

/// Getters that can be expected to be about sending. What they return is decided by its type.
fn names_a_publisher(name: &Ident) -> bool {
    let name = name.to_string();
    ["produc", "publish", "kafka", "bus", "broker", "sender", "notif", "emitter", "dispatch"]
        .iter()
        .any(|part| name.contains(part))
}

fn conditional(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr"))
}

/// Of the kinds of expressions on which an attribute can stand in practice.
fn attributes(expr: &Expr) -> &[Attribute] {
    match expr {
        Expr::Await(expr) => &expr.attrs,
        Expr::Assign(expr) => &expr.attrs,
        Expr::Binary(expr) => &expr.attrs,
        Expr::Block(expr) => &expr.attrs,
        Expr::Call(expr) => &expr.attrs,
        Expr::Field(expr) => &expr.attrs,
        Expr::ForLoop(expr) => &expr.attrs,
        Expr::If(expr) => &expr.attrs,
        Expr::Loop(expr) => &expr.attrs,
        Expr::Macro(expr) => &expr.attrs,
        Expr::Match(expr) => &expr.attrs,
        Expr::MethodCall(expr) => &expr.attrs,
        Expr::Path(expr) => &expr.attrs,
        Expr::Reference(expr) => &expr.attrs,
        Expr::Return(expr) => &expr.attrs,
        Expr::Struct(expr) => &expr.attrs,
        Expr::Try(expr) => &expr.attrs,
        Expr::Tuple(expr) => &expr.attrs,
        Expr::While(expr) => &expr.attrs,
        _ => &[],
    }
}
