//! Formats and limits: which of two allows less.

use serde_json::Value;

/// Whether each value of the format `new` is one of `old`.
pub(super) fn is_within(old: &Value, new: Option<&Value>) -> bool {
    let range = |format: &Value| integer_range(format.as_str()?);
    match (new, range(old), new.and_then(range)) {
        (Some(new), _, _) if new == old => true,
        (_, Some((least, most)), Some((new_least, new_most))) => new_least >= least && new_most <= most,
        _ => false,
    }
}

/// Bits below and above zero of an integer format.
fn integer_range(format: &str) -> Option<(i32, i32)> {
    let bits = |text: &str| match text {
        "" => Some(64),
        text => text.parse::<i32>().ok(),
    };
    match (format.strip_prefix("uint"), format.strip_prefix("int")) {
        (Some(text), _) => Some((0, bits(text)?)),
        (None, Some(text)) => bits(text).map(|bits| (1 - bits, bits - 1)),
        (None, None) => None,
    }
}

/// Whether a limit still holds.
pub(super) fn is_narrower(keyword: &str, before: &Value, after: Option<&Value>) -> bool {
    let (Some(before), Some(after)) = (before.as_f64(), after.and_then(Value::as_f64)) else { return false };
    match keyword {
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => after >= before,
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => after <= before,
        _ => false,
    }
}
