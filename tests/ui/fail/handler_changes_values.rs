//! Values that are not `mut` are not changed, whatever type they have.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

struct Command {
    account: i64,
    names: Vec<String>,
}

impl Command {
    fn rename(&mut self) {
        self.names.clear();
    }
}

struct Bank {
    pool: PgPool,
    seen: Vec<i64>,
}

impl Bank {
    #[transactional_event(tx = self.pool)]
    async fn pushed(self) -> Result<(), sqlx::Error> {
        self.seen.push(1);
        Ok(())
    }
}

#[transactional_event(tx = pool)]
async fn assigned(pool: &PgPool, command: Command) -> Result<(), sqlx::Error> {
    command.account = 1;
    emit!(Opened { account: command.account });
    Ok(())
}

#[transactional_event(tx = pool)]
async fn called(pool: &PgPool, command: Command) -> Result<(), sqlx::Error> {
    command.rename();
    Ok(())
}

#[transactional_event(tx = pool)]
async fn borrowed(pool: &PgPool, commands: impl Iterator<Item = Command> + Send) -> Result<(), sqlx::Error> {
    for command in &mut commands {
        emit!(Opened { account: command.account });
    }
    Ok(())
}

#[transactional_event(tx = pool, retry = 1)]
async fn again<T: Clone + Default + Send>(pool: &PgPool, value: T) -> Result<(), sqlx::Error> {
    value = T::default();
    Ok(())
}

fn main() {}
