//! The rules, one test each, on schemas as they are written.

use serde_json::{Value, json};

use super::problems;

fn object(properties: Value, required: Value) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

#[track_caller]
fn passes(old: &Value, new: &Value) {
    assert_eq!(problems(old, new), Vec::<String>::new());
}

#[track_caller]
fn fails(old: &Value, new: &Value, sentence: &str) {
    assert_eq!(problems(old, new), [sentence]);
}

#[test]
fn alternatives_may_go_and_not_come() {
    let one = json!({ "type": "string", "enum": ["card", "cash"] });
    let documented = json!({ "oneOf": [{ "type": "string", "const": "cash" }, { "const": "card" }] });
    let more = json!({ "type": "string", "enum": ["card", "cash", "cheque"] });
    passes(&one, &documented);
    passes(&documented, &one);
    passes(&more, &one);
    fails(&one, &more, r#"the payload can be "cheque", which old consumers do not know: they know "card", "cash""#);
}

#[test]
fn a_change_inside_a_variant_is_told_there() {
    let variant = |kind: &str, field: &str, ty: &str| {
        json!({
            "type": "object", "required": ["kind", field],
            "properties": { "kind": { "const": kind }, field: { "type": ty } },
        })
    };
    let old = json!({ "oneOf": [variant("card", "number", "string"), variant("cash", "amount", "integer")] });
    let new = json!({ "oneOf": [variant("card", "number", "integer"), variant("cash", "amount", "integer")] });
    fails(&old, &new, "`number` was string, is integer");
}

#[test]
fn integers_may_shrink_and_not_grow() {
    let integer = |format: &str| json!({ "type": "integer", "format": format });
    for (old, new) in [("int64", "int32"), ("int64", "uint32"), ("uint32", "uint8"), ("int8", "int8")] {
        passes(&integer(old), &integer(new));
    }
    for (old, new) in [("int32", "int64"), ("uint32", "int64"), ("int64", "uint64"), ("double", "float")] {
        assert_eq!(problems(&integer(old), &integer(new)).len(), 1, "{old} -> {new}");
    }
}

#[test]
fn null_and_absence_may_go_and_not_come() {
    let (plain, nullable) = (json!({ "type": "string" }), json!({ "type": ["string", "null"] }));
    passes(&nullable, &plain);
    fails(&plain, &nullable, "the payload can be null, which old consumers do not know: they know string");
    let field = json!({ "a": plain });
    passes(&object(field.clone(), json!([])), &object(field.clone(), json!(["a"])));
    fails(
        &object(field.clone(), json!(["a"])),
        &object(field, json!([])),
        "`a` was always there, and may be missing now",
    );
}

#[test]
fn closed_types_take_no_more_fields() {
    let mut closed = object(json!({ "a": {} }), json!(["a"]));
    let open = object(json!({ "a": {}, "b": {} }), json!(["a", "b"]));
    passes(&closed, &open);
    closed["additionalProperties"] = json!(false);
    assert_eq!(problems(&closed, &open).len(), 2, "{:?}", problems(&closed, &open));
}

#[test]
fn maps_lists_and_tuples_are_looked_into() {
    let list = |inner: Value| json!({ "type": "array", "items": inner });
    let map = |inner: Value| json!({ "type": "object", "additionalProperties": inner });
    let tuple = |inner: Value| json!({ "type": "array", "prefixItems": [inner], "minItems": 1, "maxItems": 1 });
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "number" }));
    fails(&list(text.clone()), &list(number.clone()), "`[]` was string, is number");
    fails(&map(text.clone()), &map(number.clone()), "`*` was string, is number");
    fails(&tuple(text.clone()), &tuple(number), "`[0]` was string, is number");
    fails(&map(text.clone()), &json!({ "type": "object" }), "`*` was string, is anything");
    let mut longer = tuple(text.clone());
    longer["maxItems"] = json!(2);
    fails(&tuple(text), &longer, "the payload: `maxItems` was `1`, is `2`");
}

#[test]
fn recursive_types_end() {
    let tree = |ty: &str| {
        json!({
            "$ref": "#/$defs/Tree",
            "$defs": { "Tree": {
                "type": "object", "required": ["value", "children"],
                "properties": {
                    "value": { "type": ty },
                    "children": { "type": "array", "items": { "$ref": "#/$defs/Tree" } },
                },
            } },
        })
    };
    passes(&tree("string"), &tree("string"));
    fails(&tree("string"), &tree("integer"), "`value` was string, is integer");
}
