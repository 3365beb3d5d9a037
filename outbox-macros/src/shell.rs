//! Around every macro: what it says of this crate is put right, and a panic in it is a compile error like any other.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use quote::quote;

use crate::diagnostics::panicked;
use crate::root;

/// Expands; `unharmed` stands beside the error when `expand` panics.
pub(crate) fn run(name: &str, unharmed: TokenStream, expand: impl FnOnce() -> TokenStream) -> TokenStream {
    match catch_unwind(AssertUnwindSafe(|| root::finish(expand()))) {
        Ok(tokens) => tokens,
        Err(_) => {
            let message = panicked(name);
            quote!(::core::compile_error! { #message } #unharmed)
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::run;

    #[test]
    fn a_panic_asks_for_a_report() {
        let text = run(
            "emit",
            quote!(
                struct Beside;
            ),
            || panic!("a bug"),
        )
        .to_string();
        assert!(text.contains("compile_error") && text.contains(env!("CARGO_PKG_VERSION")), "{text}");
        assert!(text.contains("`emit` panicked") && text.ends_with("struct Beside ;"), "{text}");
    }

    #[test]
    fn what_expands_stays_as_it_is() {
        assert_eq!(run("emit", quote!(unharmed), || quote!(a)).to_string(), "a");
    }
}
