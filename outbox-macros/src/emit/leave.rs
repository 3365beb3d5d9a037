//! Our error on its way out of a handler, as one of the handler's.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

/// Leaves a handler, whose error type is `output`, with an `error` of ours.
pub(crate) fn leave(output: &Type, error: &Ident) -> TokenStream {
    let converted = converted(output, error);
    let failed = quote_spanned!(site(output)=> ::outbox::__private::failed(#converted));
    quote!(return #failed)
}

/// Where code stands that depends on the return type. Of an alias, all of it stands exactly there: then a type that is
/// no `Result` is told once, where it is written.
pub(crate) fn site(error: &Type) -> Span {
    let span = error.span();
    match error {
        Type::Path(path) if path.qself.is_some() => span,
        _ => Span::mixed_site().located_at(span),
    }
}

/// A function from our error to `error`.
pub(crate) fn convert(error: &Type) -> TokenStream {
    let argument = Ident::new("error", Span::mixed_site());
    let converted = converted(error, &argument);
    quote_spanned!(site(error)=> (|#argument: ::outbox::Error| #converted))
}

/// Our error `ours` as one of the type `error`. A missing `From` is told at `error`, so it is told once.
fn converted(error: &Type, ours: &Ident) -> TokenStream {
    let call = quote_spanned!(error.span()=> convert(#ours));
    quote_spanned! {site(error)=>
        {
            #[allow(unused_imports)]
            use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
            (&&::outbox::__private::Convert::<#error>::new()).#call
        }
    }
}
