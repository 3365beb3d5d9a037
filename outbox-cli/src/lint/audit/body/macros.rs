//! The arguments of macros: parsed where they can be, else cut into pieces that can.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::{Block, Expr, Stmt, Token};

use super::Body;

impl Body<'_> {
    pub(super) fn statements(&mut self, block: &[Stmt]) {
        block.iter().for_each(|statement| self.visit_stmt(statement));
    }

    /// The arguments of a macro, in the first form that fits; a form of its own is cut where `select!` and its like have
    /// their arms.
    pub(super) fn tokens(&mut self, tokens: TokenStream) {
        if let Ok(list) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            list.iter().for_each(|expression| self.visit_expr(expression));
        } else if let Ok(statements) = Block::parse_within.parse2(tokens.clone()) {
            self.statements(&statements);
        } else {
            let pieces = pieces(tokens.clone());
            if pieces.len() > 1 {
                pieces.into_iter().for_each(|piece| self.tokens(piece));
            } else {
                tokens.into_iter().for_each(|token| {
                    if let TokenTree::Group(group) = token {
                        self.tokens(group.stream());
                    }
                });
            }
        }
    }
}

/// Cuts at top-level `,`, `=>` and `=`.
fn pieces(tokens: TokenStream) -> Vec<TokenStream> {
    let (mut found, mut piece, mut joined) = (Vec::new(), Vec::new(), false);
    for token in tokens {
        let sign = match &token {
            TokenTree::Punct(sign) => Some((sign.as_char(), sign.spacing() == proc_macro2::Spacing::Joint)),
            _ => None,
        };
        match sign {
            Some((',', _)) | Some(('=', false)) if !joined => found.push(piece.drain(..).collect()),
            Some(('=', true)) if !joined => {}
            Some(('>', _)) if joined => found.push(piece.drain(..).collect()),
            _ => piece.push(token),
        }
        joined = matches!(sign, Some(('=', true)));
    }
    found.push(piece.into_iter().collect());
    found.retain(|piece: &TokenStream| !piece.is_empty());
    found
}
