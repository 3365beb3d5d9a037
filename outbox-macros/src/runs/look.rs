//! One statement: whether it ends a run, and how many events it emits.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprAsync, ExprAwait, ExprBlock, ExprBreak, ExprClosure, ExprContinue, ExprForLoop, ExprIf, ExprLoop,
    ExprMatch, ExprReturn, ExprTry, ExprTryBlock, ExprWhile, ExprYield, Item, Label, Lifetime, Lit, Macro, Stmt,
};

use super::is_closure;
use crate::emit::Form;
use crate::macros::{self, is_std};

/// What is known of a statement.
pub(super) struct Look<'t> {
    tx: &'t Ident,
    /// It awaits, leaves, names the transaction, or contains what nobody can tell.
    pub(super) breaks: bool,
    /// How many `emit!`s it runs at most, loops aside.
    pub(super) count: usize,
    /// One is in a loop or a closure.
    pub(super) many: bool,
    /// One is in a closure, which may be called by a later statement.
    pub(super) held: bool,
    /// All of them, as written.
    pub(super) emits: Vec<Ident>,
    /// Loops and labelled blocks around, the inner ones last.
    around: Vec<Around>,
    /// Inside of a closure or an async block, which `return` and `?` leave.
    closed: bool,
    /// Inside of one that is async, which awaits by itself.
    asynchronous: bool,
}

struct Around {
    label: Option<Ident>,
    is_loop: bool,
    left: bool,
}

impl<'t> Look<'t> {
    pub(super) fn at(statement: &Stmt, tx: &'t Ident) -> Self {
        let mut look = Self {
            tx,
            breaks: false,
            count: 0,
            many: false,
            held: false,
            emits: Vec::new(),
            around: Vec::new(),
            closed: false,
            asynchronous: false,
        };
        look.visit_stmt(statement);
        look
    }

    /// Visits what belongs to a loop, or to a labelled block.
    fn inside(&mut self, label: Option<&Label>, is_loop: bool, visit: impl FnOnce(&mut Self)) -> Around {
        let label = label.map(|label| label.name.ident.clone());
        self.around.push(Around { label, is_loop, left: false });
        let before = self.emits.len();
        visit(self);
        self.many |= is_loop && self.emits.len() > before;
        self.around.pop().unwrap_or(Around { label: None, is_loop, left: true })
    }

    /// A `break` or `continue`: to somewhere inside of the statement, or a way out.
    fn leaves(&mut self, label: Option<&Lifetime>, ends: bool) {
        let target = self.around.iter().rposition(|around| match label {
            Some(label) => around.label.as_ref() == Some(&label.ident),
            None => around.is_loop,
        });
        match target {
            Some(target) => {
                // `continue` ends the loops inside of its own.
                let from = target + usize::from(!ends);
                self.around.iter_mut().skip(from).for_each(|around| around.left = true);
            }
            None => self.breaks = true,
        }
    }

    /// Visits the body of a closure or an async block. Returns whether it emits.
    fn closed(&mut self, asynchronous: bool, visit: impl FnOnce(&mut Self)) -> bool {
        let around = std::mem::take(&mut self.around);
        let outer = (self.closed, self.asynchronous);
        let before = self.emits.len();
        (self.closed, self.asynchronous) = (true, self.asynchronous || asynchronous);
        visit(self);
        (self.closed, self.asynchronous) = outer;
        self.around = around;
        let emits = self.emits.len() > before;
        // It borrows the transaction for as long as it lives.
        self.breaks |= emits && asynchronous;
        emits
    }

    /// The larger of the counts of two ways, of which one is gone.
    fn either(&mut self, ways: impl IntoIterator<Item = impl FnOnce(&mut Self)>) {
        let before = self.count;
        let mut most = before;
        for way in ways {
            self.count = before;
            way(self);
            most = most.max(self.count);
        }
        self.count = most;
    }

    fn emit(&mut self, node: &Macro, name: &Ident) {
        match Form::read.parse2(node.tokens.clone()) {
            Ok(form) if form.place.is_none() => {
                self.count += 1;
                self.emits.push(name.clone());
                form.expressions().into_iter().for_each(|part| self.visit_expr(part));
            }
            // One that names its transaction is an INSERT of its own; what is wrong is told when it is expanded.
            _ => self.breaks = true,
        }
    }

    /// Arguments that are no expressions: a run may contain them if they are nothing but names and values.
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(name) => {
                    let way = ["await", "return", "break", "continue", "yield", "emit", "loop"];
                    self.breaks |= name == *self.tx || way.iter().any(|way| name == way);
                }
                TokenTree::Punct(punct) => self.breaks |= matches!(punct.as_char(), '?' | '!'),
                TokenTree::Literal(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Look<'_> {
    fn visit_ident(&mut self, node: &'ast Ident) {
        self.breaks |= node == self.tx;
    }

    // Nothing of it runs here. A macro in the place of an item does.
    fn visit_item(&mut self, node: &'ast Item) {
        if let Item::Macro(item) = node
            && item.ident.is_none()
        {
            self.visit_macro(&item.mac);
        }
    }

    fn visit_macro(&mut self, node: &'ast Macro) {
        let name = node.path.segments.last().map(|last| &last.ident);
        match name {
            Some(name) if name == "emit" => self.emit(node, name),
            _ if !is_std(&node.path) => self.breaks = true,
            _ => match macros::expressions(node) {
                Some(arguments) => arguments.iter().for_each(|argument| self.visit_expr(argument)),
                None => self.tokens(node.tokens.clone()),
            },
        }
    }

    fn visit_expr(&mut self, node: &'ast Expr) {
        // What syn does not know could be anything.
        self.breaks |= matches!(node, Expr::Verbatim(_));
        let before = self.emits.len();
        visit::visit_expr(self, node);
        self.breaks |= self.emits.len() > before && keeps_closure(node);
    }

    fn visit_expr_await(&mut self, node: &'ast ExprAwait) {
        self.breaks |= !self.asynchronous;
        visit::visit_expr_await(self, node);
    }

    fn visit_expr_yield(&mut self, node: &'ast ExprYield) {
        self.breaks = true;
        visit::visit_expr_yield(self, node);
    }

    fn visit_expr_try(&mut self, node: &'ast ExprTry) {
        self.breaks |= !self.closed;
        visit::visit_expr_try(self, node);
    }

    fn visit_expr_try_block(&mut self, _: &'ast ExprTryBlock) {
        self.breaks = true;
    }

    fn visit_expr_return(&mut self, node: &'ast ExprReturn) {
        self.breaks |= !self.closed;
        visit::visit_expr_return(self, node);
    }

    fn visit_expr_break(&mut self, node: &'ast ExprBreak) {
        self.leaves(node.label.as_ref(), true);
        visit::visit_expr_break(self, node);
    }

    fn visit_expr_continue(&mut self, node: &'ast ExprContinue) {
        self.leaves(node.label.as_ref(), false);
    }

    fn visit_expr_for_loop(&mut self, node: &'ast ExprForLoop) {
        self.visit_expr(&node.expr);
        self.visit_pat(&node.pat);
        self.inside(node.label.as_ref(), true, |this| this.visit_block(&node.body));
    }

    fn visit_expr_while(&mut self, node: &'ast ExprWhile) {
        let around = self.inside(node.label.as_ref(), true, |this| {
            this.visit_expr(&node.cond);
            this.visit_block(&node.body);
        });
        let forever = matches!(&*node.cond, Expr::Lit(lit) if matches!(&lit.lit, Lit::Bool(lit) if lit.value));
        self.breaks |= forever && !around.left;
    }

    // One that is never left would collect for ever.
    fn visit_expr_loop(&mut self, node: &'ast ExprLoop) {
        let around = self.inside(node.label.as_ref(), true, |this| this.visit_block(&node.body));
        self.breaks |= !around.left;
    }

    fn visit_expr_block(&mut self, node: &'ast ExprBlock) {
        match &node.label {
            Some(label) => drop(self.inside(Some(label), false, |this| this.visit_block(&node.block))),
            None => self.visit_block(&node.block),
        }
    }

    fn visit_expr_if(&mut self, node: &'ast ExprIf) {
        self.visit_expr(&node.cond);
        let (then, other) = (&node.then_branch, &node.else_branch);
        self.either([true, false].map(|is_then| {
            move |this: &mut Self| match other {
                _ if is_then => this.visit_block(then),
                Some((_, other)) => this.visit_expr(other),
                None => {}
            }
        }));
    }

    fn visit_expr_match(&mut self, node: &'ast ExprMatch) {
        self.visit_expr(&node.expr);
        // With their guards, of which more than one may run.
        node.arms.iter().for_each(|arm| self.visit_pat(&arm.pat));
        self.either(node.arms.iter().map(|arm| |this: &mut Self| this.visit_expr(&arm.body)));
    }

    fn visit_expr_async(&mut self, node: &'ast ExprAsync) {
        self.closed(true, |this| this.visit_block(&node.block));
    }

    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        node.inputs.iter().for_each(|input| self.visit_pat(input));
        let emits = self.closed(node.asyncness.is_some(), |this| this.visit_expr(&node.body));
        self.many |= emits;
        self.held |= emits;
    }
}

/// A closure that becomes a part of something else is there to be kept, not to be called in its run.
fn keeps_closure(node: &Expr) -> bool {
    match node {
        Expr::Call(call) => keeps(&call.func) && call.args.iter().any(is_closure),
        Expr::Struct(node) => node.fields.iter().any(|field| is_closure(&field.expr)),
        Expr::Tuple(tuple) => tuple.elems.iter().any(is_closure),
        Expr::Array(array) => array.elems.iter().any(is_closure),
        Expr::Assign(assign) => is_closure(&assign.right),
        _ => false,
    }
}

/// `Ok`, `Box::new` and their like.
fn keeps(function: &Expr) -> bool {
    let Expr::Path(path) = function else { return false };
    let mut names = path.path.segments.iter().rev();
    let is_one_of = |name: Option<&syn::PathSegment>, all: &[&str]| {
        name.is_some_and(|name| all.iter().any(|known| name.ident == known))
    };
    is_one_of(names.next(), &["Ok", "Err", "Some"]) || is_one_of(names.next(), &["Box", "Rc", "Arc"])
}
