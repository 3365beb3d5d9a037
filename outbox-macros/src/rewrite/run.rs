//! The runs of a block: a collector in front of each, one INSERT behind it.

use proc_macro2::{Ident, Span};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Stmt, Token, parse_quote};

use super::Rewriter;
use crate::diagnostics::EMIT_CLOSURE_ESCAPES;
use crate::emit::{self, Way};
use crate::runs::{self, Run};

impl Rewriter<'_> {
    pub(super) fn block(&mut self, node: &mut Block) {
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
