// The expansion of `derive_tuple.in.rs`.
#[derive(serde::Serialize, Event)]
#[event(name = "bank.renamed", version = 1, topic = "bank.accounts", key = 0)]
struct Renamed(i64, String);
#[automatically_derived]
impl ::outbox::Event for Renamed {
    const NAME: &'static str = "bank.renamed";
    const VERSION: u32 = 1u32;
    fn topic(&self) -> ::outbox::__private::Cow<'_, str> {
        ::outbox::__private::Cow::Borrowed("bank.accounts")
    }
    fn key(&self) -> ::core::option::Option<::outbox::__private::Vec<u8>> {
        ::outbox::EventKey::to_key(&self.0)
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
