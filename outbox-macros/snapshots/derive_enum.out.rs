// The expansion of `derive_enum.in.rs`.
#[derive(serde::Serialize, Event)]
#[event(name = "bank.account", version = 1, topic = "bank.accounts")]
enum Account {
    Opened(Opened),
    Closed(Closed),
}
#[automatically_derived]
#[allow(deprecated)]
impl ::outbox::Event for Account {
    fn name(&self) -> &'static ::core::primitive::str {
        "bank.account"
    }
    fn version(&self) -> ::core::primitive::u32 {
        1u32
    }
    fn topic(&self) -> ::outbox::__private::Cow<'_, ::core::primitive::str> {
        ::outbox::__private::Cow::Borrowed("bank.accounts")
    }
    fn key(
        &self,
    ) -> ::core::option::Option<::outbox::__private::Vec<::core::primitive::u8>> {
        ::core::option::Option::None
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
