//! The impl of a type whose options have mistakes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Path};

/// It is there, and it is never run.
pub(in crate::derive) fn fallback(input: &DeriveInput, root: &Path) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, clause) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #root::Event for #ident #arguments #clause {
            fn name(&self) -> &'static ::core::primitive::str {
                ""
            }
            fn version(&self) -> ::core::primitive::u32 {
                1
            }
            fn topic(&self) -> #root::__private::Cow<'_, ::core::primitive::str> {
                #root::__private::Cow::Borrowed("")
            }
            fn key(&self) -> ::core::option::Option<#root::__private::Vec<::core::primitive::u8>> {
                ::core::option::Option::None
            }
            fn encode(&self) -> ::core::result::Result<
                ::core::option::Option<#root::__private::Vec<::core::primitive::u8>>,
                #root::event::BoxError,
            > {
                ::core::result::Result::Ok(::core::option::Option::None)
            }
        }
    }
}
