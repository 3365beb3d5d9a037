// The expansion of `derive_generic.in.rs`.
#[derive(serde::Serialize, Event)]
#[event(
    name = "bank.noted",
    version = 1,
    topic = "bank.notes",
    key = self.note.len()as
    u64
)]
struct Noted<'a, T, const N: usize> {
    note: &'a str,
    extra: [T; N],
}
#[automatically_derived]
#[allow(deprecated)]
impl<'a, T, const N: usize> ::outbox::Event for Noted<'a, T, N>
where
    Noted<'a, T, N>: ::outbox::event::ToJson,
{
    fn name(&self) -> &'static ::core::primitive::str {
        "bank.noted"
    }
    fn version(&self) -> ::core::primitive::u32 {
        1u32
    }
    fn topic(&self) -> ::outbox::__private::Cow<'_, ::core::primitive::str> {
        ::outbox::__private::Cow::Borrowed("bank.notes")
    }
    fn key(
        &self,
    ) -> ::core::option::Option<::outbox::__private::Vec<::core::primitive::u8>> {
        ::outbox::__private::key(&(self.note.len() as u64))
    }
    fn content_type(&self) -> &'static ::core::primitive::str {
        "application/json"
    }
    fn encode(
        &self,
    ) -> ::core::result::Result<
        ::core::option::Option<::outbox::__private::Vec<::core::primitive::u8>>,
        ::outbox::event::BoxError,
    > {
        ::outbox::__private::json(self)
    }
}
