#![deny(warnings)]
//! Closures of all kinds that capture what the handler has.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub struct Service {
    pool: PgPool,
    rate: i64,
    log: Vec<i64>,
}

impl Service {
    #[transactional_event(tx = self.pool)]
    pub async fn all(&mut self, accounts: Vec<i64>) -> Result<Vec<i64>, sqlx::Error> {
        let rate = |amount: i64| amount * self.rate;
        let scaled: Vec<_> = accounts.iter().copied().map(rate).collect();
        let mut note = |account| self.log.push(account);
        scaled.iter().for_each(|account| note(*account));
        let pick = move |at: usize| accounts.get(at).copied().ok_or(sqlx::Error::RowNotFound);
        let first = pick(0)?;
        let checked = (|| -> Result<i64, std::num::TryFromIntError> { i64::try_from(scaled.len()) })();
        let Ok(checked) = checked else { return Ok(Vec::new()) };
        let later = async |account: i64| {
            emit!(Opened { account });
            Ok::<_, sqlx::Error>(account)
        };
        let _ = later;
        let once: Box<dyn FnOnce() -> i64 + Send> = Box::new(move || first + checked);
        emit!(Opened { account: once() });
        Ok(scaled)
    }
}

fn main() {}
