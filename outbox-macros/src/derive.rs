//! `#[derive(Event)]`.

use proc_macro2::{TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Expr, Lit, LitInt, LitStr, Member, Token};
use syn::{Fields, Ident};

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
    match errors.into_error() {
        None => implement(&input, &options),
        Some(error) => {
            // An impl all the same, so that each `emit!` of this event does not fail too.
            let fallback = implement(&input, &Options::default());
            let error = compile_error(&error);
            quote!(#error #fallback)
        }
    }
}

fn read(input: &DeriveInput, errors: &mut Sink) -> Options {
    let mut options = Options::default();
    let mut broken = false;
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("event")) {
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = option(&mut options, input) {
                    broken = true;
                    errors.push(error);
                }
                // To the next option, whatever stands in between.
                while !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
                    input.parse::<TokenTree>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = attribute.parse_args_with(read) {
            broken = true;
            errors.push(error);
        }
    }
    check(input, &options, broken, errors);
    options
}

fn option(options: &mut Options, input: ParseStream<'_>) -> syn::Result<()> {
    let name: Ident = input.call(Ident::parse_any)?;
    if !["name", "version", "topic", "key"].iter().any(|known| name == known) {
        return Err(Error::new_spanned(name, say::EVENT_UNKNOWN));
    }
    input.parse::<Token![=]>()?;
    let twice = match name.to_string().as_str() {
        "name" => options.name.replace(input.parse()?).is_some(),
        "version" => options.version.replace(input.parse()?).is_some(),
        "topic" => options.topic.replace(input.parse()?).is_some(),
        _ => options.key.replace(input.parse()?).is_some(),
    };
    if twice { Err(Error::new_spanned(name, say::DUPLICATE_OPTION)) } else { Ok(()) }
}

fn check(input: &DeriveInput, options: &Options, broken: bool, errors: &mut Sink) {
    let missing: Vec<_> = [
        ("name = \"…\"", options.name.is_none()),
        ("version = 1", options.version.is_none()),
        ("topic = \"…\"", options.topic.is_none()),
    ]
    .into_iter()
    .filter_map(|(option, missing)| missing.then_some(option))
    .collect();
    // What could not be read may have been it.
    if !missing.is_empty() && !broken {
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
    if let Some(field) = options.key.as_ref().and_then(|key| key_field(input, key))
        && !has_field(input, &field)
    {
        let name = quote!(#field);
        errors.push(Error::new_spanned(&field, format!("`{}` has no field `{name}`", input.ident)));
    }
}

fn is_topic(topic: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=249).contains(&topic.len()) && topic.bytes().all(legal) && topic != "." && topic != ".."
}

/// `key = account` is a field, and so is `key = 0` of a tuple struct.
fn key_field(input: &DeriveInput, key: &Expr) -> Option<Member> {
    match key {
        Expr::Path(path) => path.path.get_ident().filter(|ident| *ident != "self").cloned().map(Member::from),
        Expr::Lit(literal) => match (&literal.lit, &input.data) {
            (Lit::Int(index), Data::Struct(data)) if matches!(data.fields, Fields::Unnamed(_)) => {
                let index = syn::Index { index: index.base10_parse().ok()?, span: index.span() };
                Some(Member::Unnamed(index))
            }
            _ => None,
        },
        _ => None,
    }
}

fn has_field(input: &DeriveInput, member: &Member) -> bool {
    match &input.data {
        Data::Struct(data) => data.fields.members().any(|field| field == *member),
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
            let value = key_field(input, key).map_or_else(|| quote!((#key)), |field| quote!(self.#field));
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
