//! Payloads: JSON by serde, or what an encoder of the user's returns.
//!
//! Part of the first station: a derived [`Event::encode`](super::Event::encode) is one of these.

use super::BoxError;

/// What a derived event without `encode_with` needs: `serde::Serialize`, said in our words when it is missing.
#[diagnostic::on_unimplemented(
    message = "the event `{Self}` is not `serde::Serialize`, so it has no JSON payload: derive it, or encode it yourself [OBX-054]",
    label = "add `#[derive(serde::Serialize)]` to this type",
    note = "an own encoder is named by `#[event(encode_with = path)]`"
)]
pub trait ToJson {
    /// The value in JSON.
    ///
    /// # Errors
    /// Values that JSON cannot hold.
    fn to_json(&self) -> Result<Vec<u8>, BoxError>;
}

impl<T: serde::Serialize + ?Sized> ToJson for T {
    fn to_json(&self) -> Result<Vec<u8>, BoxError> {
        Ok(serde_json::to_vec(self)?)
    }
}

/// What the function of `#[event(encode_with = path)]` may return: bytes or text, an `Option` (`None` is a
/// tombstone), or a `Result` of one of these with any error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no payload: `encode_with` names a function from `&Self` to `Vec<u8>` or `Result<Vec<u8>, E>` [OBX-053]",
    label = "no payload can be made of this"
)]
pub trait ToPayload {
    /// The payload; `None` is a tombstone.
    ///
    /// # Errors
    /// Those of the encoder.
    fn to_payload(self) -> Result<Option<Vec<u8>>, BoxError>;
}

impl ToPayload for Vec<u8> {
    fn to_payload(self) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(Some(self))
    }
}

impl ToPayload for String {
    fn to_payload(self) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(Some(self.into_bytes()))
    }
}

impl<P: ToPayload> ToPayload for Option<P> {
    fn to_payload(self) -> Result<Option<Vec<u8>>, BoxError> {
        self.map_or(Ok(None), ToPayload::to_payload)
    }
}

impl<P: ToPayload, E: Into<BoxError>> ToPayload for Result<P, E> {
    fn to_payload(self) -> Result<Option<Vec<u8>>, BoxError> {
        self.map_err(Into::into)?.to_payload()
    }
}
