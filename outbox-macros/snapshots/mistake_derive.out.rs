// The expansion of `mistake_derive.in.rs`.
#[derive(serde::Serialize, Event)]
#[event(name = "", version = 0, topics = "a b")]
struct Wrong {
    account: i64,
}
::core::compile_error! {
    "unknown option; an event has `name`, `version`, `topic` and `key`"
}
::core::compile_error! {
    "an event's name must not be empty; for example `bank.funds-withdrawn`"
}
::core::compile_error! {
    "an event's version is a number from 1 to 4294967295"
}
#[automatically_derived]
impl ::outbox::Event for Wrong {
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
