//! Under which path generated code finds this crate: everything is generated as `::outbox::…`, and put right at the end.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use crate::externs;

/// The crate's own name.
const NAME: &str = "outbox";

/// Replaces the root in generated `tokens` by the name under which the crate is linked.
pub(crate) fn finish(tokens: TokenStream) -> TokenStream {
    match linked() {
        None => tokens,
        Some(name) => {
            let name = Ident::new(name, Span::call_site());
            reroot(tokens, &quote!(::#name))
        }
    }
}

/// The same with the path of `crate = PATH`.
pub(crate) fn reroot_at(tokens: TokenStream, path: &Path) -> TokenStream {
    reroot(tokens, &path.to_token_stream())
}

/// The same for a function, which imports `path` under a name of ours: so one that leads nowhere is told once.
pub(crate) fn import_at(function: TokenStream, path: &Path) -> TokenStream {
    if !can_be_imported(path) {
        return reroot_at(function, path);
    }
    let name = imported();
    let mut tokens: Vec<TokenTree> = reroot(function, &quote!(#name)).into_iter().collect();
    if let Some(TokenTree::Group(block)) = tokens.pop() {
        let (attributes, statements) = inner_attributes(block.stream());
        let import = import(path);
        let inside = quote!(#attributes #import #statements);
        let mut filled = Group::new(block.delimiter(), inside);
        filled.set_span(block.span());
        tokens.push(filled.into());
    }
    tokens.into_iter().collect()
}

/// Whether `use PATH as …` is written so.
pub(crate) fn can_be_imported(path: &Path) -> bool {
    !path.get_ident().is_some_and(|word| word == "self" || word == "super")
}

/// The name under which the path of `crate = PATH` is imported.
pub(crate) fn imported() -> Ident {
    Ident::new("__outbox_root", Span::mixed_site())
}

/// `use PATH as …;`, all of it shown where the path is written.
pub(crate) fn import(path: &Path) -> TokenStream {
    let site = Span::mixed_site().located_at(path.span());
    let mut name = imported();
    name.set_span(site);
    quote_spanned!(site=> #[allow(unused_imports)] use #path as #name;)
}

/// `#![…]` at the front of a block, and the rest.
fn inner_attributes(block: TokenStream) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = block.into_iter().collect();
    let is = |token: Option<&TokenTree>, char| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == char);
    let mut at = 0;
    while is(tokens.get(at), '#') && is(tokens.get(at + 1), '!') {
        at += 3;
    }
    let rest = tokens.get(at..).unwrap_or_default().iter().cloned().collect();
    (tokens.into_iter().take(at).collect(), rest)
}

/// The name of the crate where it is linked under another one only.
fn linked() -> Option<&'static str> {
    let ours = || externs::all().iter().filter(|linked| linked.library == NAME);
    let own_name = ours().any(|linked| linked.name == NAME);
    ours().find(|_| !own_name).map(|linked| &*linked.name)
}

/// Replaces each `::outbox` that begins a path.
fn reroot(tokens: TokenStream, root: &TokenStream) -> TokenStream {
    let mut output = Vec::<TokenTree>::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), reroot(group.stream(), root));
                inner.set_span(group.span());
                output.push(inner.into());
            }
            TokenTree::Ident(name) if name == NAME && begins_a_path(&output) => {
                output.truncate(output.len().saturating_sub(2));
                output.extend(root.clone().into_iter().map(|mut token| {
                    // An error that is shown at the path stays where it was.
                    token.set_span(name.span());
                    token
                }));
            }
            other => output.push(other),
        }
    }
    output.into_iter().collect()
}

/// Whether `::` stands before, and no path before that.
fn begins_a_path(before: &[TokenTree]) -> bool {
    let is = |token: &TokenTree, char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == char);
    match before {
        [.., before, first, second] if is(first, ':') && is(second, ':') => match before {
            TokenTree::Ident(word) => KEYWORDS.iter().any(|keyword| word == keyword),
            _ => true,
        },
        [first, second] => is(first, ':') && is(second, ':'),
        _ => false,
    }
}

/// Words that a path can follow.
const KEYWORDS: [&str; 17] = [
    "use", "return", "match", "if", "while", "in", "as", "impl", "for", "dyn", "mut", "const", "else", "break",
    "where", "move", "ref",
];

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::reroot;

    #[test]
    fn only_paths_that_begin_there() {
        let before = quote! {
            use ::outbox::__private::X as _;
            impl<T> ::outbox::Event for Y<::outbox::Error> {}
            return ::outbox::f(a::outbox::b, outbox::c, <T>::d, [::outbox::g()]);
            emit!(__outbox_emit { ::outbox } tx {}, e)
        };
        let after = quote! {
            use crate::ob::__private::X as _;
            impl<T> crate::ob::Event for Y<crate::ob::Error> {}
            return crate::ob::f(a::outbox::b, outbox::c, <T>::d, [crate::ob::g()]);
            emit!(__outbox_emit { crate::ob } tx {}, e)
        };
        assert_eq!(reroot(before, &quote!(crate::ob)).to_string(), after.to_string());
    }
}
