//! Walks a handler's body: puts the transaction in front of each `emit!`, and a check in front of each raw send.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Error, Expr, ExprAsync, ExprClosure, Item, Macro, Type};

use crate::diagnostics::{EMIT_IN_CLOSURE, Sink};
use crate::emit::{Way, mark};
use crate::guard;

/// Rewrites `body`; what it finds wrong goes to `errors`.
pub(crate) fn body(body: &mut Block, tx: &Ident, output: &Type, errors: &mut Sink) {
    let mut rewriter = Rewriter { tx, way: Some(Way::Handler(Box::new(output.clone()))), errors };
    rewriter.visit_block_mut(body);
}

struct Rewriter<'a> {
    tx: &'a Ident,
    /// `None` inside a closure that is not async.
    way: Option<Way>,
    errors: &'a mut Sink,
}

impl Rewriter<'_> {
    fn within(&mut self, way: Option<Way>, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.way, way);
        visit(self);
        self.way = outer;
    }
}

impl VisitMut for Rewriter<'_> {
    // A nested item has no transaction: an `emit!` in it stays bare, and says so.
    fn visit_item_mut(&mut self, _: &mut Item) {}

    fn visit_expr_async_mut(&mut self, node: &mut ExprAsync) {
        self.within(Some(Way::Block), |this| visit_mut::visit_expr_async_mut(this, node));
    }

    fn visit_expr_closure_mut(&mut self, node: &mut ExprClosure) {
        let way = node.asyncness.map(|_| Way::Block);
        self.within(way, |this| visit_mut::visit_expr_closure_mut(this, node));
    }

    fn visit_macro_mut(&mut self, node: &mut Macro) {
        let is_emit = node.path.segments.last().is_some_and(|last| last.ident == "emit");
        match (&self.way, is_emit) {
            (Some(way), true) => {
                let (mark, rest) = (mark(self.tx, way), &node.tokens);
                node.tokens = quote::quote!(#mark #rest);
            }
            (None, true) => self.errors.push(Error::new_spanned(&node.path, EMIT_IN_CLOSURE)),
            (way, false) => node.tokens = tokens(node.tokens.clone(), self.tx, way.as_ref()),
        }
    }

    fn visit_expr_mut(&mut self, node: &mut Expr) {
        visit_mut::visit_expr_mut(self, node);
        guard::check(node);
    }
}

/// The same for the arguments of other macros, token by token.
fn tokens(input: TokenStream, tx: &Ident, way: Option<&Way>) -> TokenStream {
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
            let (mark, rest) = (mark(tx, way), group.stream());
            quote::quote!(#mark #rest)
        } else {
            let way = if is_brace && ends_with_async(&output) { Some(&Way::Block) } else { way };
            tokens(group.stream(), tx, way)
        };
        let mut rewritten = Group::new(group.delimiter(), inner);
        rewritten.set_span(group.span());
        output.push(rewritten.into());
    }
    output.into_iter().collect()
}

fn ends_with_emit(tokens: &[TokenTree]) -> bool {
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
