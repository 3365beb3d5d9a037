#[derive(Debug, serde::Serialize, outbox::Event)]
#[event(name = "bank.funds-withdrawn", version = 2, topic = "bank.accounts", key = account)]
pub struct FundsWithdrawn {
    account: i64,
    amount: i64,
}
