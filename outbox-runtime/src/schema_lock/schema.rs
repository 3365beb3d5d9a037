//! The schema of an event: `schemars`' for what serde writes, without what is not on the wire.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// `schemars::JsonSchema`, in our words when it is missing.
#[diagnostic::on_unimplemented(
    message = "`#[event(schema_lock)]` needs the JSON schema of `{Self}`, which is not `schemars::JsonSchema` [OBX-059]",
    label = "add `#[derive(schemars::JsonSchema)]` to this type",
    note = "`#[cfg_attr(test, derive(schemars::JsonSchema))]` with `schemars` 1 among the dev-dependencies is enough"
)]
pub trait Locked {
    /// The schema as `schemars` makes it.
    fn json_schema() -> Value;
}

impl<T: JsonSchema + ?Sized> Locked for T {
    fn json_schema() -> Value {
        let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
            settings.meta_schema = None;
            // Names of Rust types are not on the wire.
            settings.inline_subschemas = true;
        });
        settings.into_generator().into_root_schema_for::<T>().to_value()
    }
}

/// JSON schema of what `T` is written as: keys sorted, without texts and defaults.
pub fn schema<T: Locked + ?Sized>() -> Value {
    let mut schema = T::json_schema();
    clean(&mut schema);
    sort(schema)
}

/// Keywords that say nothing about the values.
const ANNOTATIONS: [&str; 10] = [
    "$schema",
    "$comment",
    "$id",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// Removes annotations where schemas stand; a field may well be called `title`.
fn clean(schema: &mut Value) {
    let Value::Object(schema) = schema else { return };
    schema.retain(|keyword, _| !ANNOTATIONS.contains(&keyword.as_str()) && !keyword.starts_with("x-"));
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            ("properties" | "patternProperties" | "$defs" | "dependentSchemas", Value::Object(named)) => {
                named.values_mut().for_each(clean);
            }
            ("enum" | "const" | "required", _) => {}
            (_, Value::Array(schemas)) => schemas.iter_mut().for_each(clean),
            (_, schema) => clean(schema),
        }
    }
}

/// Sorted keys: the file is the same whatever features `serde_json` has. `required` is a set, too.
pub(super) fn sort(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().collect();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            let sorted = entries.into_iter().map(|(key, value)| match (key.as_str(), sort(value)) {
                ("required", Value::Array(mut names)) => {
                    names.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
                    (key, Value::Array(names))
                }
                (_, value) => (key, value),
            });
            Value::Object(sorted.collect::<Map<_, _>>())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sort).collect()),
        value => value,
    }
}
