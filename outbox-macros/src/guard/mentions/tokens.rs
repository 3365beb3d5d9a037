//! The arguments of macros that are not known, token by token: places below parameters, and what is called on them.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Expr;

use super::{Fields, Mentions};
use crate::guard::places::{Base, Roots};
use crate::guard::sends;

/// Names that stand without a field or method behind them: among a macro's arguments, that may be a pattern.
pub(super) fn not_followed_by_a_field(tokens: &[TokenTree], found: &mut Vec<Ident>) {
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                not_followed_by_a_field(&group.stream().into_iter().collect::<Vec<_>>(), found);
            }
            TokenTree::Ident(name) if name != "self" && !is_dot(tokens.get(index + 1)) => found.push(name.clone()),
            _ => {}
        }
    }
}

fn is_dot(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == '.')
}

fn parenthesized(token: Option<&TokenTree>) -> Option<TokenStream> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
        _ => None,
    }
}

impl Mentions<'_> {
    pub(super) fn tokens(&mut self, tokens: &[TokenTree], rebound: &[Ident]) {
        let mut function = false;
        for (index, token) in tokens.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|index| tokens.get(index));
            match token {
                TokenTree::Ident(name) if name == "fn" => function = true,
                TokenTree::Ident(name) if is_dot(before) => {
                    if let Some(argument) = parenthesized(tokens.get(index + 1)) {
                        self.argument(name, argument, rebound);
                    }
                }
                TokenTree::Ident(root) if self.roots.leads(root) && !rebound.contains(root) => {
                    self.path(root, tokens.get(index + 1..).unwrap_or_default());
                }
                TokenTree::Group(group) if function => function = group.delimiter() != Delimiter::Brace,
                TokenTree::Group(group) => {
                    self.tokens(&group.stream().into_iter().collect::<Vec<_>>(), rebound);
                }
                _ => {}
            }
        }
    }

    /// `root` and what stands behind it.
    fn path(&mut self, root: &Ident, rest: &[TokenTree]) {
        let (fields, method) = chain(rest);
        let method = method.map(|(_, method)| method);
        if let Some(parameter) = self.roots.parameter(root)
            && let Some(method) = method
        {
            let names = fields.iter().map(|(name, _)| name);
            let last = fields.last().map_or_else(|| root.span(), |(_, span)| *span);
            let tokens = quote!(#parameter #(.#names)*);
            let base = Base { tokens, root: parameter, last, local: false };
            self.beside.extend(self.statements.receiver(method, &base));
        }
        self.record(root, &fields, method.filter(|name| sends::publishes(name)).map(Ident::span), false);
    }

    /// `.execute(&self.pool)`
    fn argument(&mut self, method: &Ident, argument: TokenStream, rebound: &[Ident]) {
        if let Ok(argument) = syn::parse2::<Expr>(argument)
            && let Some(base) = self.roots.base(&argument)
            && !rebound.iter().any(|name| *name == base.root && !matches!(argument, Expr::Path(_) | Expr::Reference(_)))
            && self.roots.parameter(&base.root).is_some_and(|parameter| parameter == base.root)
        {
            self.beside.extend(self.statements.argument(method, &base));
        }
    }
}

/// The fields behind a name, and the method that is called on the last of them with its index.
fn chain(tokens: &[TokenTree]) -> (Fields, Option<(usize, &Ident)>) {
    let mut fields = Vec::new();
    let mut rest = tokens;
    while let [dot, name, behind @ ..] = rest
        && is_dot(Some(dot))
    {
        match name {
            TokenTree::Ident(name) if name == "await" => break,
            TokenTree::Ident(name) => {
                let next = behind.first();
                let turbofish = matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
                if turbofish || parenthesized(next).is_some() {
                    return (fields, Some((tokens.len() - behind.len() - 1, name)));
                }
                fields.push((name.to_token_stream(), name.span()));
            }
            TokenTree::Literal(number) if number.to_string().parse::<u32>().is_ok() => {
                fields.push((number.to_token_stream(), number.span()));
            }
            _ => break,
        }
        rest = behind;
    }
    (fields, None)
}

/// Whether the arguments of a macro call a method that publishes, on something that is not checked as a mention.
pub(in crate::guard) fn hide_a_send(roots: &Roots, tokens: TokenStream) -> bool {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut rebound = Vec::new();
    not_followed_by_a_field(&tokens, &mut rebound);
    hides(roots, &tokens, &rebound)
}

/// Whether the arguments of a macro call a method that publishes.
pub(in crate::guard) fn say_they_send(tokens: TokenStream) -> bool {
    let tokens: Vec<_> = tokens.into_iter().collect();
    tokens.iter().enumerate().any(|(index, token)| match token {
        TokenTree::Group(group) => say_they_send(group.stream()),
        TokenTree::Ident(name) => {
            is_dot(index.checked_sub(1).and_then(|before| tokens.get(before))) && sends::publishes(name)
        }
        _ => false,
    })
}

fn hides(roots: &Roots, tokens: &[TokenTree], rebound: &[Ident]) -> bool {
    let mut checked = None;
    tokens.iter().enumerate().any(|(index, token)| match token {
        TokenTree::Group(group) => hides(roots, &group.stream().into_iter().collect::<Vec<_>>(), rebound),
        TokenTree::Ident(name) if is_dot(index.checked_sub(1).and_then(|before| tokens.get(before))) => {
            sends::publishes(name) && checked != Some(index)
        }
        TokenTree::Ident(root) if roots.parameter(root).is_some() && !rebound.contains(root) => {
            let (_, method) = chain(tokens.get(index + 1..).unwrap_or_default());
            checked = method.map(|(behind, _)| index + 1 + behind);
            false
        }
        _ => false,
    })
}
