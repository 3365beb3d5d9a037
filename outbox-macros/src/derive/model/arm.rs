//! One arm: its options, with those of the enum put under them.

use proc_macro2::Ident;
use syn::{Fields, Variant};

use super::{Arm, Kind, Missing, Own, Payload};
use crate::derive::check;
use crate::derive::options::{Header, Options};
use crate::diagnostics::{self as say, Sink};

/// Where an arm is written.
pub(super) struct Place<'a> {
    pub(super) ident: &'a Ident,
    pub(super) variant: Option<&'a Variant>,
    pub(super) fields: &'a Fields,
}

/// One arm: what `options` does not say, `outer` says.
pub(super) fn arm<'a>(
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
    let broken = options.broken || outer.is_some_and(|outer| outer.broken);
    // What could not be read may have been it.
    if !broken {
        missing.arms.push((ident.clone(), [name.is_none(), version.is_none(), topic.is_none()]));
    }
    check::own_fields(ident, fields, options, errors);
    let key = options.key.clone().or_else(|| outer?.key.clone());
    let payload = payload(options, outer, errors);
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
