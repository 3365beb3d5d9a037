//! Walks a handler's body: puts the transaction, or the collector of its run, in front of each `emit!`, and a check in
//! front of each raw send.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprAsync, ExprCall, ExprClosure, ExprMethodCall, Item, Macro, Stmt, Token, Type, parse_quote};

use crate::diagnostics::{EMIT_CLOSURE_ESCAPES, EMIT_IN_CLOSURE, EMIT_IN_SPAWN, Sink};
use crate::emit::{self, Target, Way, inert, mark, names_transaction};
use crate::guard::Guard;
use crate::model::Handler;
use crate::names::mentions;
use crate::runs::{self, Run};

/// What the walk needs to know, and what it finds.
pub(crate) struct Rewriter<'a> {
    tx: Option<&'a Ident>,
    /// `None` inside a closure that is not async.
    way: Option<Way>,
    /// Inside of a run.
    collects: bool,
    /// The error type of the handler.
    error: Option<&'a Type>,
    /// Under a path that the user names.
    root: bool,
    /// The next async block is the handler's whole body: `#[async_trait]` made it.
    lowered: bool,
    errors: &'a mut Sink,
    pub(crate) guard: Guard<'a>,
    /// Inside of a task, which outlives the transaction.
    spawned: bool,
}

impl<'a> Rewriter<'a> {
    pub(crate) fn new(handler: &'a Handler, errors: &'a mut Sink) -> Self {
        let error = handler.output.as_ref().map(|output| &output.error);
        let way = error.map_or(Way::Block, |error| Way::Handler(Box::new(error.clone())));
        Self {
            tx: handler.tx.as_ref(),
            way: Some(way),
            collects: false,
            error,
            root: handler.args.root.is_some(),
            lowered: handler.function.sig.asyncness.is_none(),
            errors,
            guard: Guard::new(handler),
            spawned: false,
        }
    }

    fn within(&mut self, way: Option<Way>, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.way, way);
        visit(self);
        self.way = outer;
    }

    /// Visits what may be a task.
    fn spawn(&mut self, spawns: bool, visit: impl FnOnce(&mut Self)) {
        let outer = self.spawned;
        self.spawned |= spawns;
        visit(self);
        self.spawned = outer;
    }

    /// What goes in front of an `emit!`.
    fn mark(&self, way: &Way, emit: Span) -> TokenStream {
        match self.tx {
            Some(_) if self.collects => mark(&Target::Collector(emit::collector(emit)), way, emit),
            // A path of the user's may lead nowhere: then a method would not be found either.
            Some(tx) if self.root && self.guard.is_reference(tx) => mark(&Target::Reference(tx.clone()), way, emit),
            Some(tx) => mark(&Target::Transaction(tx.clone()), way, emit),
            None => inert(),
        }
    }

    /// How errors leave an async block: as its error type where that is written, else as inference has it.
    fn way_out(&mut self, block: &ExprAsync) -> Way {
        let is_body = std::mem::take(&mut self.lowered);
        let word = |name: &str| Ident::new(name, Span::call_site());
        // With `#[instrument]` between the two, the body is in a block of that block.
        self.lowered = is_body && mentions(block.block.to_token_stream(), &[word("__tracing_attr_span")]);
        let fake = word("__tracing_attr_fake_return");
        let first = block.block.stmts.first().map(quote::ToTokens::to_token_stream);
        // `#[instrument]` above the attribute moves the body into a block.
        let instrumented = || first.is_some_and(|first| mentions(first, &[fake]));
        match (self.error, turbofish(&block.block)) {
            (Some(error), _) if is_body || instrumented() => Way::Handler(Box::new(error.clone())),
            (_, Some(error)) => Way::Handler(Box::new(error.clone())),
            _ => Way::Block,
        }
    }

    /// The statements of `run`, between the making of their collector and the INSERT.
    fn run(&mut self, run: &Run, tx: &Ident, statements: Vec<Stmt>, tail: bool) -> Vec<Stmt> {
        for emit in &run.escaped {
            self.errors.at(emit, EMIT_CLOSURE_ESCAPES);
        }
        let way = self.way.clone().unwrap_or(Way::Block);
        let insert = emit::flush(tx, &way, run.emit.span());
        let mut all = Vec::from(emit::start(run.emit.span()));
        self.collects = true;
        for mut statement in statements {
            self.visit_stmt_mut(&mut statement);
            all.push(statement);
        }
        self.collects = false;
        let last = match all.pop() {
            // The value of the block, in braces.
            Some(Stmt::Macro(node)) if tail && node.semi_token.is_none() => {
                Some(Stmt::Expr(Expr::Macro(syn::ExprMacro { attrs: node.attrs, mac: node.mac }), None))
            }
            last => last,
        };
        match last {
            Some(Stmt::Expr(value, None)) if tail && !runs::is_unit(&value) => {
                all.push(Stmt::Expr(parse_quote!(::outbox::__private::after(#value, { #insert })), None));
            }
            Some(Stmt::Expr(unit @ Expr::Macro(_), None)) => {
                all.extend([Stmt::Expr(unit, Some(Token![;](Span::mixed_site()))), insert]);
            }
            last => {
                all.extend(last);
                all.push(insert);
            }
        }
        all
    }
}

/// Functions and methods that start a task or a thread.
fn spawns(name: &Ident) -> bool {
    ["spawn", "spawn_local", "spawn_blocking", "spawn_on"].iter().any(|known| name == known)
}

/// `E` of an `Ok::<_, E>(…)` at the end of a block.
fn turbofish(block: &Block) -> Option<&Type> {
    let Some(Stmt::Expr(Expr::Call(call), None)) = block.stmts.last() else { return None };
    let Expr::Path(path) = &*call.func else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Ok" || last.ident == "Err")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.iter().collect::<Vec<_>>()[..] {
        [_, syn::GenericArgument::Type(Type::Infer(_))] => None,
        [_, syn::GenericArgument::Type(error)] => Some(error),
        _ => None,
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
            if let Some(name) = &item.ident {
                self.guard.declared_macro(name, &item.mac.tokens);
            }
            self.visit_macro_mut(&mut item.mac);
        }
    }

    fn visit_block_mut(&mut self, node: &mut Block) {
        let runs = match (self.tx, &self.way) {
            (Some(tx), Some(_)) if !self.collects && !self.spawned => runs::plan(node, tx),
            _ => Vec::new(),
        };
        let (Some(tx), false) = (self.tx, runs.is_empty()) else {
            return visit_mut::visit_block_mut(self, node);
        };
        let end = node.stmts.len();
        let mut rest = std::mem::take(&mut node.stmts).into_iter().enumerate().peekable();
        for run in runs {
            while let Some((_, mut statement)) = rest.next_if(|(at, _)| at < run.statements.start()) {
                self.visit_stmt_mut(&mut statement);
                node.stmts.push(statement);
            }
            let mut statements = Vec::new();
            while let Some((_, statement)) = rest.next_if(|(at, _)| run.statements.contains(at)) {
                statements.push(statement);
            }
            let tail = run.statements.end() + 1 == end;
            node.stmts.extend(self.run(&run, tx, statements, tail));
        }
        for (_, mut statement) in rest {
            self.visit_stmt_mut(&mut statement);
            node.stmts.push(statement);
        }
    }

    fn visit_expr_async_mut(&mut self, node: &mut ExprAsync) {
        let way = self.way_out(node);
        self.within(Some(way), |this| visit_mut::visit_expr_async_mut(this, node));
    }

    fn visit_expr_closure_mut(&mut self, node: &mut ExprClosure) {
        let way = node.asyncness.map(|_| Way::Block);
        self.within(way, |this| visit_mut::visit_expr_closure_mut(this, node));
    }

    fn visit_expr_call_mut(&mut self, node: &mut ExprCall) {
        let spawns = matches!(&*node.func, Expr::Path(path)
            if path.path.segments.last().is_some_and(|last| spawns(&last.ident)));
        self.spawn(spawns, |this| visit_mut::visit_expr_call_mut(this, node));
    }

    fn visit_expr_method_call_mut(&mut self, node: &mut ExprMethodCall) {
        self.visit_expr_mut(&mut node.receiver);
        let spawns = spawns(&node.method);
        self.spawn(spawns, |this| node.args.iter_mut().for_each(|argument| this.visit_expr_mut(argument)));
    }

    fn visit_macro_mut(&mut self, node: &mut Macro) {
        let name = node.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if name == "emit" {
            let mark = match &self.way {
                _ if self.spawned && !names_transaction(&node.tokens) => {
                    self.errors.at(&node.path, EMIT_IN_SPAWN);
                    inert()
                }
                Some(way) => self.mark(way, node.path.span()),
                None if self.collects => self.mark(&Way::Block, node.path.span()),
                None => {
                    self.errors.at(&node.path, EMIT_IN_CLOSURE);
                    inert()
                }
            };
            self.guard.unknown_macro(&node.tokens);
            let way = if self.collects { Some(&Way::Block) } else { self.way.as_ref() };
            let rest = self.tokens(node.tokens.clone(), way);
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
        self.guard.foreign_macro(&name, &node.tokens);
        let way = if self.collects { Some(&Way::Block) } else { self.way.as_ref() };
        node.tokens = self.tokens(node.tokens.clone(), way);
    }

    fn visit_expr_mut(&mut self, node: &mut Expr) {
        visit_mut::visit_expr_mut(self, node);
        self.guard.expression(node, self.spawned);
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
                let (mark, rest) = (self.mark(way, last_span(&output)), self.tokens(group.stream(), Some(way)));
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
