//! `deny_raw!`: what else publishes, beside the Kafka clients that are known.
//!
//! Input: `Publisher, dyn Publish, trait Publish, <T> Typed<T>` · Output: for each an impl with a tag of its own, which
//! handlers of this crate and of those that depend on it find by type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, GenericParam, Generics, Path, Result, Token, Type, TypeParamBound, TypeTraitObject};

use crate::diagnostics::{DENY_EMPTY, DENY_WHAT, compile_error};

struct Denied {
    generics: Generics,
    what: What,
}

enum What {
    Type(Box<Type>),
    Object(TypeTraitObject),
    Implementers(Path),
}

impl Parse for Denied {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        // `<T as Trait>::Publisher` begins with `<` as well.
        let mut generics = Generics::default();
        let ahead = input.fork();
        if input.peek(Token![<]) && ahead.parse::<Generics>().is_ok() && !ahead.peek(Token![::]) {
            generics = input.parse()?;
        }
        let what = if input.parse::<Option<Token![trait]>>()?.is_some() {
            What::Implementers(input.parse()?)
        } else {
            match input.parse::<Type>()? {
                Type::TraitObject(object) => What::Object(object),
                ty @ Type::ImplTrait(_) => return Err(Error::new_spanned(ty, DENY_WHAT)),
                ty => What::Type(Box::new(ty)),
            }
        };
        generics.where_clause = input.parse()?;
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error(DENY_WHAT));
        }
        Ok(Self { generics, what })
    }
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    match Punctuated::<Denied, Token![,]>::parse_terminated.parse2(input) {
        Ok(all) if all.is_empty() => compile_error(&Error::new(Span::call_site(), DENY_EMPTY)),
        Ok(all) => all.iter().map(Denied::expand).collect(),
        Err(error) => compile_error(&error),
    }
}

impl Denied {
    fn expand(&self) -> TokenStream {
        let span = Span::mixed_site();
        let tag = Ident::new("Denied", span);
        let parameters = self.generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(ty) => Some(&ty.ident),
            _ => None,
        });
        let inside = quote!(#tag<(#(#parameters,)*)>);
        let impls = match &self.what {
            What::Type(ty) => self.implement(&[], &inside, &ty.to_token_stream(), &TokenStream::new()),
            What::Object(object) => objects(object)
                .map(|(lifetime, object)| self.implement(&[lifetime], &inside, &object, &TokenStream::new()))
                .collect(),
            What::Implementers(path) => {
                let any = Ident::new("Any", span);
                let bound = quote_spanned!(path.span()=> #path);
                let bound = quote!(#any: #bound + ?::core::marker::Sized,);
                self.implement(&[quote!(#any)], &inside, &any.to_token_stream(), &bound)
            }
        };
        quote_spanned! {span=>
            #[allow(dead_code, unused_qualifications, clippy::all, clippy::pedantic)]
            const _: () = {
                struct #tag<V>(::core::marker::PhantomData<V>);
                #impls
            };
        }
    }

    fn implement(&self, more: &[TokenStream], tag: &TokenStream, ty: &TokenStream, bound: &TokenStream) -> TokenStream {
        let lifetimes = self.generics.params.iter().filter(|parameter| matches!(parameter, GenericParam::Lifetime(_)));
        let others = self.generics.params.iter().filter(|parameter| !matches!(parameter, GenericParam::Lifetime(_)));
        let others = others.map(without_default);
        let given = self.generics.where_clause.as_ref().map(|clause| &clause.predicates).into_iter();
        quote! {
            impl<#(#lifetimes,)* #(#more,)* #(#others,)*> ::outbox::__private::Raw<#tag> for ::outbox::__private::Ty<#ty>
            where #bound #(#given)*
            {}
        }
    }
}

fn without_default(parameter: &GenericParam) -> TokenStream {
    match parameter {
        GenericParam::Type(ty) => {
            let mut ty = ty.clone();
            ty.default = None;
            ty.to_token_stream()
        }
        GenericParam::Const(constant) => {
            let mut constant = constant.clone();
            constant.default = None;
            constant.to_token_stream()
        }
        GenericParam::Lifetime(lifetime) => lifetime.to_token_stream(),
    }
}

/// `dyn Trait` with and without `Send` and `Sync`, which are types of their own, for any lifetime.
fn objects(object: &TypeTraitObject) -> impl Iterator<Item = (TokenStream, TokenStream)> {
    let is_auto = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| last.ident == "Send" || last.ident == "Sync")
        }
        TypeParamBound::Lifetime(_) => true,
        _ => false,
    };
    let bounds: Vec<_> = object.bounds.iter().filter(|bound| !is_auto(bound)).cloned().collect();
    let lifetime = syn::Lifetime::new("'object", Span::mixed_site());
    let lifetime = lifetime.to_token_stream();
    let auto = |name: &str| {
        let bound = at_the_place_of(&quote!(#(#bounds)+*), name);
        quote!(+ #bound)
    };
    let (send, sync) = (auto("Send"), auto("Sync"));
    [quote!(), send.clone(), sync.clone(), quote!(#send #sync)]
        .into_iter()
        .map(move |auto| (lifetime.clone(), quote!(dyn #(#bounds)+* #auto + #lifetime)))
}

/// `::core::marker::NAME`, shown where `bounds` are: what rustc says of a bound that is no trait, it then says in the same
/// words whatever stands beside it, so it is told once.
fn at_the_place_of(bounds: &TokenStream, name: &str) -> TokenStream {
    let mut spans = bounds.clone().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::mixed_site);
    let name = Ident::new(name, spans.last().unwrap_or(first));
    quote_spanned!(first=> ::core::marker::#name)
}
