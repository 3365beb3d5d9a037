//! Which types are raw: those of the Kafka clients that the user's crate depends on, in the versions it depends on.
//!
//! Output: a trait of the handler's own, implemented for them; methods of it are found before those of the runtime's
//! trait. Paths are such as all published versions have. Where the last name of one is younger than the client, it is
//! imported by a glob, around which an empty type of that name stands.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::externs::{self, Extern};

/// The version of rdkafka whose producers the runtime knows by itself, with the feature `kafka`.
const RDKAFKA: (u64, u64) = (0, 39);

/// The declarations for one handler; nothing when its crate has no client.
pub(super) fn declarations() -> TokenStream {
    let site = Span::mixed_site();
    let raw = Ident::new("__OutboxRaw", site);
    let mixed = Ident::new("__OutboxMixed", site);
    let mut impls = TokenStream::new();
    let mut has_mixed = false;
    for (index, found) in externs::all().iter().enumerate() {
        let client = Client { found, index, raw: &raw, mixed: &mixed };
        let (pure, both) = client.impls();
        has_mixed |= !both.is_empty();
        impls.extend(pure);
        impls.extend(both);
    }
    if impls.is_empty() {
        return TokenStream::new();
    }
    let mixed = has_mixed.then(|| {
        quote_spanned! {site=>
            // Clients that fetch as well as produce: not refused before they produce.
            #[allow(dead_code, clippy::all, clippy::pedantic)]
            trait #mixed<V>: ::core::marker::Sized {
                fn __outbox_sends(self) -> ::outbox::__private::Found<Self> { ::outbox::__private::Found::new() }
            }
            impl<T, V> #mixed<::outbox::__private::ByDeref<V>> for ::outbox::__private::Ty<T>
            where
                T: ::core::ops::Deref + ?::core::marker::Sized,
                ::outbox::__private::Ty<T::Target>: #mixed<V>,
            {}
        }
    });
    quote_spanned! {site=>
        #[allow(dead_code, clippy::all, clippy::pedantic)]
        trait #raw<V>: ::core::marker::Sized {
            fn __outbox_sends(self) -> ::outbox::__private::Found<Self> { ::outbox::__private::Found::new() }
            fn __outbox_held(self) -> ::outbox::__private::Found<Self> { ::outbox::__private::Found::new() }
        }
        impl<T, V> #raw<::outbox::__private::ByDeref<V>> for ::outbox::__private::Ty<T>
        where
            T: ::core::ops::Deref + ?::core::marker::Sized,
            ::outbox::__private::Ty<T::Target>: #raw<V>,
        {}
        #mixed
        #impls
    }
}

struct Client<'a> {
    found: &'a Extern,
    index: usize,
    raw: &'a Ident,
    mixed: &'a Ident,
}

impl Client<'_> {
    /// For its producers, and for its clients that can do both.
    fn impls(&self) -> (TokenStream, TokenStream) {
        let none = TokenStream::new;
        let root = self.root();
        match &*self.found.library {
            "rdkafka" if cfg!(feature = "kafka") && self.found.version() == Some(RDKAFKA) => (none(), none()),
            "rdkafka" => (self.rdkafka(&root), none()),
            "rskafka" => (
                self.generic(
                    &quote!(A),
                    &quote!(#root::client::producer::BatchProducer<A>),
                    &quote!(where A: #root::client::producer::aggregator::Aggregator),
                ),
                self.mixed(&quote!(#root::client::partition::PartitionClient)),
            ),
            "kafka" | "kafkang" => (
                self.generic(&quote!(A), &quote!(#root::producer::Producer<A>), &none()),
                self.mixed(&quote!(#root::client::KafkaClient)),
            ),
            "confluent_kafka" => (self.confluent(&root), none()),
            "krafka" => (self.named(&quote!(#root::producer), &["Producer", "TransactionalProducer"]), none()),
            "samsa" => (self.named(&quote!(#root::prelude), &["Producer"]), none()),
            "kacrab" => (self.named(&quote!(#root::producer), &["Producer"]), none()),
            "kafrust" => (self.named(&quote!(#root), &["Producer", "BufferedProducer"]), none()),
            "kafka_client" => (self.named(&root, &["Producer"]), none()),
            "kafkit_client" => (self.named(&root, &["KafkaProducer"]), none()),
            _ => (none(), none()),
        }
    }

    fn root(&self) -> TokenStream {
        let name = identifier(&self.found.name);
        quote!(::#name)
    }

    /// By its trait: its three producers, and parameters that have nothing but the bound. Before 0.33 the trait had
    /// one parameter less; where the version is not known, the producers are named in a form that all versions have.
    fn rdkafka(&self, root: &TokenStream) -> TokenStream {
        let raw = self.raw;
        if self.found.version().is_some_and(|version| version >= (0, 33)) {
            let tag = self.tag(0, &quote!((C, P)));
            return quote! {
                impl<T, C, P> #raw<#tag> for ::outbox::__private::Ty<T>
                where
                    T: #root::producer::Producer<C, P> + ?::core::marker::Sized,
                    C: #root::producer::ProducerContext<P>,
                    P: #root::producer::Partitioner,
                {}
            };
        }
        let bound = quote!(where A: #root::producer::ProducerContext + 'static);
        let base = self.generic(&quote!(A), &quote!(#root::producer::BaseProducer<A>), &bound);
        let threaded = self.generic(&quote!(A), &quote!(#root::producer::ThreadedProducer<A>), &bound);
        let bound = quote!(where A: #root::ClientContext + 'static);
        let future = self.generic(&quote!(A), &quote!(#root::producer::FutureProducer<A>), &bound);
        quote!(#base #threaded #future)
    }

    fn confluent(&self, root: &TokenStream) -> TokenStream {
        let (raw, tag) = (self.raw, self.tag(0, &quote!((K, V))));
        quote! {
            impl<T, K, V> #raw<#tag> for ::outbox::__private::Ty<T>
            where
                T: #root::producer::Producer<K, V> + ?::core::marker::Sized,
            {}
        }
    }

    fn generic(&self, parameters: &TokenStream, ty: &TokenStream, bounds: &TokenStream) -> TokenStream {
        let (raw, tag) = (self.raw, self.tag(0, &quote!(())));
        quote!(impl<#parameters> #raw<#tag> for ::outbox::__private::Ty<#ty> #bounds {})
    }

    fn mixed(&self, ty: &TokenStream) -> TokenStream {
        let (mixed, tag) = (self.mixed, self.tag(0, &quote!(())));
        quote!(impl #mixed<#tag> for ::outbox::__private::Ty<#ty> {})
    }

    fn named(&self, module: &TokenStream, names: &[&str]) -> TokenStream {
        let raw = self.raw;
        let impls = names.iter().enumerate().map(|(number, name)| {
            let (name, tag) = (format_ident!("{name}"), self.tag(number, &quote!(())));
            quote!(impl #raw<#tag> for ::outbox::__private::Ty<#name> {})
        });
        quote! {
            #[allow(unused_imports)]
            const _: () = {
                use ::outbox::__private::absent::*;
                const _: () = {
                    use #module::*;
                    #(#impls)*
                };
            };
        }
    }

    /// Keeps the impls apart, also where two clients lack what is looked for.
    fn tag(&self, number: usize, parameters: &TokenStream) -> TokenStream {
        let number = Literal::usize_suffixed(self.index * 4 + number);
        quote!(::outbox::__private::Client<#number, #parameters>)
    }
}

/// Keywords are written `r#…` in the sources.
fn identifier(name: &str) -> Ident {
    syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}
