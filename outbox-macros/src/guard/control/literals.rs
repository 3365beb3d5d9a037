//! Literal SQL, judged with the executor it goes to: of the transaction any, elsewhere what surely is sqlx's.

use quote::ToTokens;
use syn::{Expr, ExprCall, ExprMethodCall, LitStr, Macro};

use super::queries::{QUERY_MACROS, query_text, root, text};
use super::{Control, leads_to, sql};
use crate::diagnostics::RAW_CONTROL;
use crate::guard::{address, executes};
use crate::names::mentions;

impl Control<'_> {
    /// `QUERY.execute(EXECUTOR)` and `EXECUTOR.execute(QUERY)`.
    pub(super) fn statement(&mut self, call: &ExprMethodCall) {
        if !executes(&call.method) {
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
    pub(super) fn call(&mut self, call: &ExprCall) {
        // `Executor::execute(tx, "…")`
        if let (Expr::Path(path), Some(executor), Some(literal)) =
            (&*call.func, call.args.first(), call.args.get(1).and_then(text))
            && path.path.segments.last().is_some_and(|last| executes(&last.ident))
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
    pub(super) fn query_macro(&mut self, mac: &Macro) {
        let is_query = mac.path.segments.last().is_some_and(|last| QUERY_MACROS.iter().any(|name| last.ident == name));
        if !is_query || self.seen.contains(&address(mac)) {
            return;
        }
        let literal = mac.tokens.clone().into_iter().find_map(|token| syn::parse2::<LitStr>(token.into()).ok());
        if let Some(literal) = literal {
            self.literal(&literal);
        }
    }

    pub(super) fn literal(&mut self, literal: &LitStr) {
        if sql::controls(&literal.value()) {
            self.errors.at(literal, RAW_CONTROL);
        }
    }
}
