//! The event as the derive understands it: one arm for a struct, one for each variant of an enum.
//!
//! Second phase: the options of the type and of its variants are put together, and checked.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Error, Expr, Fields, LitInt, LitStr, Path, Variant};

use super::check;
use super::options::{Header, Options};
use crate::diagnostics::{self as say, Sink};
use crate::root;

/// What an arm's payload is.
pub(super) enum Payload {
    /// JSON of the whole value.
    Json,
    /// What the user's function returns.
    Encoder(Expr),
    /// None.
    Tombstone,
}

/// One event that is written here.
pub(super) struct Own {
    pub(super) name: LitStr,
    pub(super) version: LitInt,
    pub(super) topic: Expr,
    pub(super) key: Option<Expr>,
    pub(super) headers: Vec<Header>,
    pub(super) content_type: Option<LitStr>,
    pub(super) payload: Payload,
}

pub(super) enum Kind {
    Own(Box<Own>),
    /// The only field is the event.
    Transparent,
}

/// A struct, or a variant.
pub(super) struct Arm<'a> {
    pub(super) variant: Option<&'a Variant>,
    pub(super) fields: &'a Fields,
    pub(super) kind: Kind,
}

impl Arm<'_> {
    /// `Self` or `Self::Variant`.
    pub(super) fn path(&self) -> TokenStream {
        self.variant.map_or_else(
            || quote!(Self),
            |variant| {
                let ident = &variant.ident;
                quote!(Self::#ident)
            },
        )
    }
}

/// The whole type.
pub(super) struct Model<'a> {
    pub(super) input: &'a DeriveInput,
    pub(super) root: Path,
    /// The same for what stands outside of that import.
    pub(super) written_root: Path,
    pub(super) arms: Vec<Arm<'a>>,
    pub(super) schema_lock: Option<Ident>,
}

/// What generated code calls the crate: where `crate = path` is given, by the name under which that is imported.
pub(super) fn root(options: &Options) -> Path {
    match &options.root {
        None => syn::parse_quote!(::outbox),
        Some(path) if root::can_be_imported(path) => root::imported().into(),
        Some(path) => path.clone(),
    }
}

/// What is left out on the type and on every variant is told once, at the type.
#[derive(Default)]
struct Missing {
    arms: Vec<(Ident, [bool; 3])>,
}

const NEEDED: [&str; 3] = ["name = \"…\"", "version = 1", "topic = \"…\""];

impl<'a> Model<'a> {
    /// Builds the model; where `errors` stays empty, it is whole.
    pub(super) fn new(input: &'a DeriveInput, options: &Options, errors: &mut Sink) -> Self {
        let mut model = Self {
            input,
            root: root(options),
            written_root: options.root.clone().unwrap_or_else(|| root(options)),
            arms: Vec::new(),
            schema_lock: options.schema_lock.clone(),
        };
        check::literals(options, errors);
        match &input.data {
            Data::Union(_) => errors.at(&input.ident, say::EVENT_UNION),
            Data::Struct(data) => {
                check::fields(&data.fields, errors);
                let mut missing = Missing::default();
                let place = Place { ident: &input.ident, variant: None, fields: &data.fields };
                model.arms.extend(arm(&place, options, None, &mut missing, errors));
                missing.tell(input, false, errors);
            }
            Data::Enum(data) => model.variants(data.variants.iter(), options, errors),
        }
        check::lock(&model, options, errors);
        model
    }

    fn variants(&mut self, variants: impl Iterator<Item = &'a Variant>, outer: &Options, errors: &mut Sink) {
        if let (Some(word), true) = (&outer.transparent, outer.says_more_than_transparent()) {
            errors.at(word, say::EVENT_TRANSPARENT_ALONE);
        }
        let read: Vec<_> = variants.map(|variant| (variant, Options::read(&variant.attrs, errors))).collect();
        if read.is_empty() {
            errors.at(&self.input.ident, say::EVENT_NO_VARIANT);
        }
        check::shared_fields(&read, outer, errors);
        let mut missing = Missing::default();
        for (variant, options) in &read {
            check::fields(&variant.fields, errors);
            check::literals(options, errors);
            check::whole_enum(options, errors);
            let place = Place { ident: &variant.ident, variant: Some(variant), fields: &variant.fields };
            self.arms.extend(arm(&place, options, Some(outer), &mut missing, errors));
        }
        missing.tell(self.input, true, errors);
        check::same_names(&read, outer, errors);
    }
}

/// Where an arm is written.
struct Place<'a> {
    ident: &'a Ident,
    variant: Option<&'a Variant>,
    fields: &'a Fields,
}

/// One arm: what `options` does not say, `outer` says.
fn arm<'a>(
    place: &Place<'a>,
    options: &Options,
    outer: Option<&Options>,
    missing: &mut Missing,
    errors: &mut Sink,
) -> Option<Arm<'a>> {
    let Place { ident, variant, fields } = *place;
    let outer_transparent = outer.and_then(|outer| outer.transparent.as_ref()).filter(|_| !options.says_something());
    if let Some(word) = options.transparent.as_ref() {
        if options.says_more_than_transparent() {
            errors.at(word, say::EVENT_TRANSPARENT_ALONE);
            return None;
        }
        if fields.len() != 1 {
            errors.at(word, say::EVENT_TRANSPARENT_SHAPE);
            return None;
        }
        return Some(Arm { variant, fields, kind: Kind::Transparent });
    }
    if outer_transparent.is_some() {
        if fields.len() != 1 {
            errors.at(ident, say::EVENT_TRANSPARENT_SHAPE);
            return None;
        }
        return Some(Arm { variant, fields, kind: Kind::Transparent });
    }
    let (name, version, topic) = (
        options.name.clone().or_else(|| outer?.name.clone()),
        options.version.clone().or_else(|| outer?.version.clone()),
        options.topic.clone().or_else(|| outer?.topic.clone()),
    );
    // What could not be read may have been it.
    if !options.broken && !outer.is_some_and(|outer| outer.broken) {
        missing.arms.push((ident.clone(), [name.is_none(), version.is_none(), topic.is_none()]));
    }
    check::own_fields(ident, fields, options, errors);
    let key = options.key.clone().or_else(|| outer?.key.clone());
    let payload = payload(options, outer, errors);
    let broken = options.broken || outer.is_some_and(|outer| outer.broken);
    if let Some(word) = options.tombstone.as_ref().or_else(|| outer?.tombstone.as_ref())
        && key.is_none()
        && !broken
    {
        errors.at(word, say::EVENT_TOMBSTONE_KEY);
    }
    let content_type = options.content_type.as_ref().or_else(|| outer?.content_type.as_ref());
    let own = Own {
        name: name?,
        version: version?,
        topic: topic?,
        key,
        headers: headers(options, outer),
        content_type: content_type.map(|(_, value)| value.clone()),
        payload,
    };
    Some(Arm { variant, fields, kind: Kind::Own(Box::new(own)) })
}

fn payload(options: &Options, outer: Option<&Options>, errors: &mut Sink) -> Payload {
    if options.tombstone.is_some() {
        let encoders =
            [options.encode_with.as_ref().map(|(word, _)| word), options.content_type.as_ref().map(|(word, _)| word)];
        if let Some(word) = encoders.into_iter().flatten().next() {
            errors.at(word, say::EVENT_TOMBSTONE_PAYLOAD);
        }
        return Payload::Tombstone;
    }
    match (&options.encode_with, outer) {
        (Some((_, encoder)), _) => Payload::Encoder(encoder.clone()),
        (None, Some(outer)) => payload(outer, None, &mut Sink::default()),
        (None, None) => Payload::Json,
    }
}

/// The enum's headers, then the variant's; the variant's win.
fn headers(options: &Options, outer: Option<&Options>) -> Vec<Header> {
    let own = &options.headers;
    let shared = outer.map_or(&[][..], |outer| &outer.headers);
    let kept = shared.iter().filter(|shared| !own.iter().any(|own| own.name == shared.name));
    kept.chain(own).cloned().collect()
}

impl Missing {
    fn tell(&self, input: &DeriveInput, variants: bool, errors: &mut Sink) {
        let whole: [bool; 3] =
            std::array::from_fn(|option| !self.arms.is_empty() && self.arms.iter().all(|(_, missing)| missing[option]));
        let list = |missing: [bool; 3]| {
            let listed = NEEDED.iter().zip(missing).filter_map(|(option, missing)| missing.then_some(*option));
            listed.collect::<Vec<_>>().join(", ")
        };
        let code = say::EVENT_NEEDS_CODE;
        let told = list(whole);
        if variants && !told.is_empty() {
            let message = format!("{} `{told}`; {} {code}", say::EVENT_VARIANTS_NEED, say::EVENT_VARIANTS_REMEDY);
            errors.push(Error::new_spanned(&input.ident, message));
        }
        for (ident, missing) in &self.arms {
            let told = list(std::array::from_fn(|option| missing[option] && !(variants && whole[option])));
            if !told.is_empty() {
                errors.push(Error::new_spanned(ident, format!("{} `#[event({told})]` {code}", say::EVENT_NEEDS)));
            }
        }
    }
}
