//! What can be wrong with options that could be read: one error for each mistake, at its smallest token.

mod literals;
mod members;

use syn::{Fields, Variant};

pub(super) use literals::literals;
pub(super) use members::{own_fields, shared_fields};

use super::model::{Kind, Model, Payload};
use super::options::Options;
use crate::diagnostics::{self as say, Sink};

/// Options that are the whole enum's.
pub(super) fn whole_enum(options: &Options, errors: &mut Sink) {
    for word in ["crate", "schema_lock"].into_iter().filter_map(|name| options.word(name)) {
        errors.at(word, say::EVENT_NOT_ON_VARIANT);
    }
}

/// No field takes options.
pub(super) fn fields(fields: &Fields, errors: &mut Sink) {
    for attribute in fields.iter().flat_map(|field| &field.attrs) {
        if attribute.path().is_ident("event") {
            errors.at(attribute.path(), say::EVENT_ON_FIELD);
        }
    }
}

/// Two variants that call themselves the same event.
pub(super) fn same_names(variants: &[(&Variant, Options)], outer: &Options, errors: &mut Sink) {
    let version = |options: &Options| {
        options.version.as_ref().or(outer.version.as_ref()).and_then(|version| version.base10_parse::<u32>().ok())
    };
    for (place, (_, options)) in variants.iter().enumerate() {
        let Some(name) = &options.name else { continue };
        let same = |(_, before): &&(&Variant, Options)| {
            before.name.as_ref().is_some_and(|other| other.value() == name.value())
                && version(before) == version(options)
        };
        if variants.iter().take(place).find(same).is_some() {
            errors.at(name, say::EVENT_SAME_NAME);
        }
    }
}

/// `schema_lock` needs one JSON schema for each event.
pub(super) fn lock(model: &Model<'_>, options: &Options, errors: &mut Sink) {
    let Some(word) = &model.schema_lock else { return };
    let generics = &model.input.generics;
    let owns = model.arms.iter().filter_map(|arm| match &arm.kind {
        Kind::Own(own) => Some(own),
        Kind::Transparent => None,
    });
    if generics.type_params().next().is_some() || generics.const_params().next().is_some() {
        errors.at(word, say::EVENT_LOCK_GENERIC);
    } else if owns.clone().any(|own| matches!(own.payload, Payload::Encoder(_))) {
        errors.at(word, say::EVENT_LOCK_ENCODER);
    } else if options.transparent.is_some() && owns.count() == 0 {
        errors.at(word, say::EVENT_LOCK_TRANSPARENT);
    }
}
