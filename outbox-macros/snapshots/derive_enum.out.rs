// The expansion of `derive_enum.in.rs`.
#[derive(serde::Serialize, Event)]
#[event(name = "bank.account", version = 1, topic = "bank.accounts")]
enum Account {
    Opened(Opened),
    Closed(Closed),
}
::core::compile_error! {
    "`#[derive(Event)]` goes on a struct: one struct for each event"
}
#[automatically_derived]
impl ::outbox::Event for Account {
    const NAME: &'static str = "";
    const VERSION: u32 = 1u32;
    fn topic(&self) -> ::outbox::__private::Cow<'_, str> {
        ::outbox::__private::Cow::Borrowed("")
    }
    fn key(&self) -> ::core::option::Option<::outbox::__private::Vec<u8>> {
        ::core::option::Option::None
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
