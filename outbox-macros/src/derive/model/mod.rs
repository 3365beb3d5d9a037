//! The event as the derive understands it: one arm for a struct, one for each variant of an enum.
//!
//! Second phase: the options of the type and of its variants are put together, and checked.

mod arm;
mod missing;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Expr, Fields, LitInt, LitStr, Path, Variant};

use super::check;
use super::options::{Header, Options};
use crate::diagnostics::{self as say, Sink};
use crate::root;
use arm::{Place, arm};
use missing::Missing;

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
