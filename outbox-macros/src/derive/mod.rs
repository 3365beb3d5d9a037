//! `#[derive(Event)]`: options → model with its checks → expansion.

mod bounds;
mod check;
mod expand;
mod lock;
mod model;
mod options;
mod value;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use self::model::Model;
use self::options::Options;
use crate::diagnostics::{Sink, compile_error};
use crate::root;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return compile_error(&error),
    };
    let mut errors = Sink::default();
    let options = Options::read(&input.attrs, &mut errors);
    let model = Model::new(&input, &options, &mut errors);
    match errors.into_error() {
        None => {
            let event = imported(&options, expand::event(&model));
            let lock = lock::test(&model);
            quote!(#event #lock)
        }
        Some(error) => {
            // An impl all the same, so that each `emit!` of this event does not fail too.
            let error = compile_error(&error);
            let fallback = imported(&options, expand::fallback(&input, &model.root));
            quote!(#error #fallback)
        }
    }
}

/// With `crate = path`: `code` finds it under a name of ours, so one that leads nowhere is told once.
fn imported(options: &Options, code: TokenStream) -> TokenStream {
    let Some(path) = options.root.as_ref().filter(|path| root::can_be_imported(path)) else { return code };
    let import = root::import(path);
    quote! {
        const _: () = {
            #import
            #code
        };
    }
}
