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
impl ::outbox::Event for FundsWithdrawn {
    const NAME: &'static str = "bank.funds-withdrawn";
    const VERSION: u32 = 2u32;
    fn topic(&self) -> ::outbox::__private::Cow<'_, str> {
        ::outbox::__private::Cow::Borrowed("bank.accounts")
    }
    fn key(&self) -> ::core::option::Option<::outbox::__private::Vec<u8>> {
        ::outbox::EventKey::to_key(&self.account)
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
