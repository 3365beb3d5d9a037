//! `#[derive(Event)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Expr, Ident, LitInt, LitStr};

use crate::diagnostics::{self as say, Sink, compile_error};

/// What `#[event(…)]` says.
#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    version: Option<LitInt>,
    topic: Option<LitStr>,
    key: Option<Expr>,
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return compile_error(&error),
    };
    let mut errors = Sink::default();
    let options = read(&input, &mut errors);
    if !matches!(input.data, Data::Struct(_)) {
        errors.at(&input.ident, say::EVENT_NOT_STRUCT);
    }
    match errors.take(Some(options)) {
        Ok(options) => implement(&input, &options),
        Err(error) => {
            // An impl all the same, so that each `emit!` of this event does not fail too.
            let fallback = implement(&input, &Options::default());
            let error = compile_error(&error);
            quote!(#error #fallback)
        }
    }
}

fn read(input: &DeriveInput, errors: &mut Sink) -> Options {
    let mut options = Options::default();
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("event")) {
        let parsed = attribute.parse_nested_meta(|meta| {
            let Some(option) = meta.path.get_ident() else { return Err(meta.error(say::EVENT_UNKNOWN)) };
            let value = meta.value();
            let twice = match option.to_string().as_str() {
                "name" => options.name.replace(value?.parse()?).is_some(),
                "version" => options.version.replace(value?.parse()?).is_some(),
                "topic" => options.topic.replace(value?.parse()?).is_some(),
                "key" => options.key.replace(value?.parse()?).is_some(),
                _ => return Err(meta.error(say::EVENT_UNKNOWN)),
            };
            if twice { Err(meta.error(say::DUPLICATE_OPTION)) } else { Ok(()) }
        });
        if let Err(error) = parsed {
            errors.push(error);
        }
    }
    check(input, &options, errors);
    options
}

fn check(input: &DeriveInput, options: &Options, errors: &mut Sink) {
    let missing: Vec<_> = [
        ("name = \"…\"", options.name.is_none()),
        ("version = 1", options.version.is_none()),
        ("topic = \"…\"", options.topic.is_none()),
    ]
    .into_iter()
    .filter_map(|(option, missing)| missing.then_some(option))
    .collect();
    if !missing.is_empty() {
        let message = format!("an event needs `#[event({})]`", missing.join(", "));
        errors.push(Error::new_spanned(&input.ident, message));
    }
    if let Some(name) = options.name.as_ref().filter(|name| name.value().trim().is_empty()) {
        errors.at(name, say::EVENT_NAME);
    }
    if let Some(version) = &options.version
        && !version.base10_parse::<u32>().is_ok_and(|version| version > 0)
    {
        errors.at(version, say::EVENT_VERSION);
    }
    if let Some(topic) = options.topic.as_ref().filter(|topic| !is_topic(&topic.value())) {
        errors.at(topic, say::EVENT_TOPIC);
    }
    if let Some(field) = options.key.as_ref().and_then(key_field)
        && !has_field(input, field)
    {
        errors.push(Error::new_spanned(field, format!("`{}` has no field `{field}`", input.ident)));
    }
}

fn is_topic(topic: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=249).contains(&topic.len()) && topic.bytes().all(legal) && topic != "." && topic != ".."
}

/// `key = account` is a field.
fn key_field(key: &Expr) -> Option<&Ident> {
    match key {
        Expr::Path(path) => path.path.get_ident().filter(|ident| *ident != "self"),
        _ => None,
    }
}

fn has_field(input: &DeriveInput, name: &Ident) -> bool {
    match &input.data {
        Data::Struct(data) => data.fields.iter().any(|field| field.ident.as_ref() == Some(name)),
        Data::Enum(_) | Data::Union(_) => true,
    }
}

fn implement(input: &DeriveInput, options: &Options) -> TokenStream {
    let ident = &input.ident;
    let mut generic = input.generics.clone();
    if generic.type_params().next().is_some() {
        let (_, arguments, _) = input.generics.split_for_impl();
        let bound = syn::parse_quote!(#ident #arguments: ::outbox::__private::Serialize);
        generic.make_where_clause().predicates.push(bound);
    }
    let (generics, arguments, clause) = generic.split_for_impl();
    let name = options.name.as_ref().map_or_else(String::new, LitStr::value);
    let version = options.version.as_ref().and_then(|version| version.base10_parse::<u32>().ok()).unwrap_or(1);
    let topic = options.topic.as_ref().map_or_else(String::new, LitStr::value);
    let key = match &options.key {
        None => quote!(::core::option::Option::None),
        Some(key) => {
            let value = key_field(key).map_or_else(|| quote!((#key)), |field| quote!(self.#field));
            quote_spanned!(key.span()=> ::outbox::EventKey::to_key(&#value))
        }
    };
    quote! {
        #[automatically_derived]
        impl #generics ::outbox::Event for #ident #arguments #clause {
            const NAME: &'static str = #name;
            const VERSION: u32 = #version;

            fn topic(&self) -> ::outbox::__private::Cow<'_, str> {
                ::outbox::__private::Cow::Borrowed(#topic)
            }
            fn key(&self) -> ::core::option::Option<::outbox::__private::Vec<u8>> {
                #key
            }
            fn encode(
                &self,
            ) -> ::core::result::Result<::core::option::Option<::outbox::__private::Vec<u8>>, ::outbox::event::BoxError> {
                ::outbox::__private::json(self)
            }
        }
    }
}
