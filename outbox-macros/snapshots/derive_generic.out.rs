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
impl<'a, T, const N: usize> ::outbox::Event for Noted<'a, T, N>
where
    Noted<'a, T, N>: ::outbox::__private::Serialize,
{
    const NAME: &'static str = "bank.noted";
    const VERSION: u32 = 1u32;
    fn topic(&self) -> ::outbox::__private::Cow<'_, str> {
        ::outbox::__private::Cow::Borrowed("bank.notes")
    }
    fn key(&self) -> ::core::option::Option<::outbox::__private::Vec<u8>> {
        ::outbox::EventKey::to_key(&(self.note.len() as u64))
    }
    fn encode(
        &self,
    ) -> ::core::result::Result<
        ::core::option::Option<::outbox::__private::Vec<u8>>,
        ::outbox::event::BoxError,
    > {
        ::outbox::__private::json(self)
    }
}
