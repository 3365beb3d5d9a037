//! Values of options: a field by its name or number, or an expression in which the fields and `self` can be named.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, Fields, Index, Member};

use super::options::{inner, number};

/// A value, and what has to be bound before it.
pub(super) struct Value {
    /// `member: name` pairs of the pattern.
    pub(super) bindings: Vec<TokenStream>,
    /// The value: of a field a reference to it, else an expression of any type.
    pub(super) tokens: TokenStream,
    /// Of a field: which.
    pub(super) field: Option<Member>,
    pub(super) span: Span,
}

/// The field that `value` names: `account`, or `0` of a tuple. Whether it exists is another question.
///
/// A single word in capitals is a constant, as everywhere in Rust.
pub(super) fn field(value: &Expr) -> Option<Member> {
    match inner(value) {
        Expr::Path(path) if path.attrs.is_empty() => {
            let ident = path.path.get_ident().filter(|ident| *ident != "self")?;
            let constant = ident.to_string().chars().all(|c| c.is_uppercase() || c.is_ascii_digit() || c == '_');
            (!constant).then(|| Member::Named(ident.clone()))
        }
        _ => {
            let literal = number(value)?;
            Some(Member::Unnamed(Index { index: literal.base10_parse().ok()?, span: literal.span() }))
        }
    }
}

/// Whether `fields` has `member`.
pub(super) fn has(fields: &Fields, member: &Member) -> bool {
    fields.members().any(|field| field == *member)
}

impl Value {
    /// `value` over `fields`; a number that is no field of theirs is a number.
    pub(super) fn new(value: &Expr, fields: &Fields) -> Self {
        let span = value.span();
        if let Some(member) = field(value).filter(|member| has(fields, member)) {
            let name = Ident::new("value", Span::mixed_site().located_at(span));
            let bindings = vec![quote!(#member: #name)];
            return Self { bindings, tokens: quote!(#name), field: Some(member), span };
        }
        let mut names = Names { fields, found: Vec::new() };
        let tokens = names.walk(inner(value).to_token_stream());
        let bindings = names.found.iter().map(|(member, name)| quote!(#member: #name)).collect();
        Self { bindings, tokens, field: None, span }
    }
}

/// Finds the fields that an expression names, by `name`, in a tuple by `_0`, or inside of a format string.
struct Names<'a> {
    fields: &'a Fields,
    found: Vec<(Member, Ident)>,
}

impl Names<'_> {
    /// The expression; its `self` is the one of the method, also where a `macro_rules!` wrote it.
    fn walk(&mut self, tokens: TokenStream) -> TokenStream {
        let mut out = TokenStream::new();
        let mut before = [' '; 2];
        let mut rest = tokens.into_iter().peekable();
        while let Some(token) = rest.next() {
            let next = match rest.peek() {
                Some(TokenTree::Punct(punct)) => punct.as_char(),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => '(',
                _ => ' ',
            };
            let token = match token {
                TokenTree::Group(group) => {
                    let mut new = Group::new(group.delimiter(), self.walk(group.stream()));
                    new.set_span(group.span());
                    TokenTree::Group(new)
                }
                TokenTree::Ident(ident) if ident == "self" => {
                    TokenTree::Ident(Ident::new("self", Span::call_site().located_at(ident.span())))
                }
                TokenTree::Ident(ident) => {
                    // A member, a path, a macro or a call is not the field.
                    if before[1] != '.' && before != [':'; 2] && !matches!(next, ':' | '!' | '(') {
                        self.note(&ident.to_string(), ident.span());
                    }
                    TokenTree::Ident(ident)
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if text.starts_with(['"', 'r']) {
                        for part in text.split('{').skip(1) {
                            let end = part.find(['}', ':']).unwrap_or(part.len());
                            self.note(&part[..end], literal.span());
                        }
                    }
                    TokenTree::Literal(literal)
                }
                token @ TokenTree::Punct(_) => token,
            };
            let this = match &token {
                TokenTree::Punct(punct) => punct.as_char(),
                _ => ' ',
            };
            before = [before[1], this];
            out.extend([token]);
        }
        out
    }

    fn note(&mut self, name: &str, span: Span) {
        let member = self.fields.members().find(|member| match member {
            Member::Named(field) => *field == name,
            Member::Unnamed(index) => name.strip_prefix('_') == Some(&*index.index.to_string()),
        });
        if let Some(member) = member
            && !self.found.iter().any(|(known, _)| *known == member)
        {
            let name = match &member {
                Member::Named(field) => {
                    let mut name = field.clone();
                    name.set_span(span);
                    name
                }
                Member::Unnamed(_) => Ident::new(name, span),
            };
            self.found.push((member, name));
        }
    }
}
