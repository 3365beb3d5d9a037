// The expansion of `derive_tuple.in.rs`.
#[derive(serde::Serialize, Event)]
#[event(name = "bank.renamed", version = 1, topic = "bank.accounts", key = 0)]
struct Renamed(i64, String);
#[automatically_derived]
#[allow(deprecated)]
impl ::outbox::Event for Renamed {
    fn name(&self) -> &'static ::core::primitive::str {
        "bank.renamed"
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
        {
            #[allow(
                irrefutable_let_patterns,
                non_shorthand_field_patterns,
                unused_variables
            )]
            let Self { 0: value, .. } = self else {
                #[allow(unreachable_code)] { ::core::unreachable!() }
            };
            ::outbox::__private::key(value)
        }
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
