//! What the macros say, in one place: rule; reason or remedy.

mod emit;
mod event;
mod guard;
mod handler;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

pub(crate) use self::{emit::*, event::*, guard::*, handler::*};

/// Collects errors, so that all mistakes are told in one run.
#[derive(Default)]
pub(crate) struct Sink(Option<Error>);

impl Sink {
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: &str) {
        self.push(Error::new_spanned(tokens, message));
    }

    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// All errors, if there were any.
    pub(crate) fn into_error(self) -> Option<Error> {
        self.0
    }
}

pub(crate) fn compile_error(error: &Error) -> TokenStream {
    error.to_compile_error()
}
