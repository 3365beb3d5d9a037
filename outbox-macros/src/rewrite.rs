//! Walks a handler's body: puts the transaction in front of each `emit!`, and a check in front of each raw send.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprAsync, ExprCall, ExprClosure, Item, Macro, Token};

use crate::diagnostics::{EMIT_IN_CLOSURE, EMIT_IN_SPAWN, Sink};
use crate::emit::{Way, inert, mark};
use crate::guard::Guard;
use crate::model::Handler;

/// What the walk needs to know, and what it finds.
pub(crate) struct Rewriter<'a> {
    tx: Option<&'a Ident>,
    /// `None` inside a closure that is not async.
    way: Option<Way>,
    errors: &'a mut Sink,
    pub(crate) guard: Guard<'a>,
    /// Inside of a task, which outlives the transaction.
    spawned: bool,
}

impl<'a> Rewriter<'a> {
    pub(crate) fn new(handler: &'a Handler, errors: &'a mut Sink) -> Self {
        let way = handler.output.as_ref().map_or(Way::Block, |output| Way::Handler(Box::new(output.error.clone())));
        Self { tx: handler.tx.as_ref(), way: Some(way), errors, guard: Guard::new(handler), spawned: false }
    }

    fn within(&mut self, way: Option<Way>, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.way, way);
        visit(self);
        self.way = outer;
    }

    /// What goes in front of an `emit!`.
    fn mark(&self, way: &Way, emit: Span) -> TokenStream {
        self.tx.map_or_else(inert, |tx| mark(tx, way, emit))
    }
}

/// Macros whose arguments are expressions with commas between them, and stay so.
pub(crate) const KNOWN: [&str; 24] = [
    "join",
    "try_join",
    "vec",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "dbg",
    "print",
    "println",
    "eprint",
    "eprintln",
    "format",
    "panic",
    "write",
    "writeln",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "pin",
];

impl VisitMut for Rewriter<'_> {
    // A nested item has no transaction: an `emit!` in it stays bare, and says so. A macro is no item of its own.
    fn visit_item_mut(&mut self, node: &mut Item) {
        if let Item::Macro(item) = node {
            self.visit_macro_mut(&mut item.mac);
        }
    }

    fn visit_expr_async_mut(&mut self, node: &mut ExprAsync) {
        self.within(Some(Way::Block), |this| visit_mut::visit_expr_async_mut(this, node));
    }

    fn visit_expr_closure_mut(&mut self, node: &mut ExprClosure) {
        let way = node.asyncness.map(|_| Way::Block);
        self.within(way, |this| visit_mut::visit_expr_closure_mut(this, node));
    }

    fn visit_expr_call_mut(&mut self, node: &mut ExprCall) {
        let spawns = matches!(&*node.func, Expr::Path(path)
            if path.path.segments.last().is_some_and(|last| last.ident == "spawn" || last.ident == "spawn_local"));
        let outer = self.spawned;
        self.spawned |= spawns;
        visit_mut::visit_expr_call_mut(self, node);
        self.spawned = outer;
    }

    fn visit_macro_mut(&mut self, node: &mut Macro) {
        let name = node.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if name == "emit" {
            let mark = match &self.way {
                _ if self.spawned => {
                    self.errors.at(&node.path, EMIT_IN_SPAWN);
                    inert()
                }
                Some(way) => self.mark(way, node.path.span()),
                None => {
                    self.errors.at(&node.path, EMIT_IN_CLOSURE);
                    inert()
                }
            };
            let rest = &node.tokens;
            node.tokens = quote::quote!(#mark #rest);
            return;
        }
        if KNOWN.contains(&name.as_str())
            && let Ok(mut arguments) = node.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        {
            arguments.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            node.tokens = quote::quote!(#arguments);
            return;
        }
        self.guard.unknown_macro(&node.tokens);
        node.tokens = self.tokens(node.tokens.clone(), self.way.as_ref());
    }

    fn visit_expr_mut(&mut self, node: &mut Expr) {
        visit_mut::visit_expr_mut(self, node);
        self.guard.expression(node);
    }
}

impl Rewriter<'_> {
    /// The same for the arguments of other macros, token by token.
    fn tokens(&self, input: TokenStream, way: Option<&Way>) -> TokenStream {
        let mut output = Vec::<TokenTree>::new();
        let mut nested_function = false;
        for token in input {
            let TokenTree::Group(group) = &token else {
                nested_function |= matches!(&token, TokenTree::Ident(ident) if ident == "fn");
                output.push(token);
                continue;
            };
            let is_brace = group.delimiter() == Delimiter::Brace;
            let inner = if nested_function {
                nested_function = !is_brace;
                group.stream()
            } else if let (true, Some(way)) = (ends_with_emit(&output), way) {
                let (mark, rest) = (self.mark(way, last_span(&output)), group.stream());
                quote::quote!(#mark #rest)
            } else {
                let way = if is_brace && ends_with_async(&output) { Some(&Way::Block) } else { way };
                self.tokens(group.stream(), way)
            };
            let mut rewritten = Group::new(group.delimiter(), inner);
            rewritten.set_span(group.span());
            output.push(rewritten.into());
        }
        output.into_iter().collect()
    }
}

/// Of the `emit` before a `!`.
fn last_span(tokens: &[TokenTree]) -> Span {
    match tokens {
        [.., name, _] => name.span(),
        _ => Span::call_site(),
    }
}

/// Whether the next group is the arguments of an `emit!`.
pub(crate) fn ends_with_emit(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [.., TokenTree::Ident(name), TokenTree::Punct(bang)] if name == "emit" && bang.as_char() == '!')
}

fn ends_with_async(tokens: &[TokenTree]) -> bool {
    let word = |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(ident) if ident == word);
    match tokens {
        [.., before, last] if word(last, "move") => word(before, "async"),
        [.., last] => word(last, "async"),
        [] => false,
    }
}
