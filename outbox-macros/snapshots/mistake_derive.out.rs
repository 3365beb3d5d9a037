// The expansion of `mistake_derive.in.rs`.
#[derive(serde::Serialize, Event)]
#[event(name = "", version = 0, topics = "a b")]
struct Wrong {
    account: i64,
}
::core::compile_error! {
    "unknown option; an event has `name`, `version`, `topic`, `key`, `headers(…)`, `tombstone`, `content_type`, `encode_with`, `transparent`, `schema_lock` and `crate` [OBX-041]"
}
::core::compile_error! {
    "an event's name is a text of 1 to 255 characters without spaces; for example `\"bank.funds-withdrawn\"` [OBX-043]"
}
::core::compile_error! {
    "an event's version is a number from 1 to 4294967295; write `version = 1` [OBX-044]"
}
#[automatically_derived]
#[allow(deprecated)]
impl ::outbox::Event for Wrong {
    fn name(&self) -> &'static ::core::primitive::str {
        ""
    }
    fn version(&self) -> ::core::primitive::u32 {
        1
    }
    fn topic(&self) -> ::outbox::__private::Cow<'_, ::core::primitive::str> {
        ::outbox::__private::Cow::Borrowed("")
    }
    fn key(
        &self,
    ) -> ::core::option::Option<::outbox::__private::Vec<::core::primitive::u8>> {
        ::core::option::Option::None
    }
    fn encode(
        &self,
    ) -> ::core::result::Result<
        ::core::option::Option<::outbox::__private::Vec<::core::primitive::u8>>,
        ::outbox::event::BoxError,
    > {
        ::core::result::Result::Ok(::core::option::Option::None)
    }
}
