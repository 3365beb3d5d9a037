//! Under which path generated code finds this crate: everything is generated as `::outbox::…`, and put right at the end.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Path;

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
