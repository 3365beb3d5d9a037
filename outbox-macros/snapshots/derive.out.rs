// The expansion of `derive.in.rs`.
#[derive(Debug, serde::Serialize, outbox::Event)]
#[event(
    name = "bank.funds-withdrawn",
    version = 2,
    topic = "bank.accounts",
    key = account
)]
pub struct FundsWithdrawn {
    account: i64,
    amount: i64,
}
#[automatically_derived]
#[allow(deprecated)]
impl ::outbox::Event for FundsWithdrawn {
    fn name(&self) -> &'static ::core::primitive::str {
        "bank.funds-withdrawn"
    }
    fn version(&self) -> ::core::primitive::u32 {
        2u32
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
            let Self { account: value, .. } = self else {
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
