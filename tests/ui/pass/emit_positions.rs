#![deny(warnings)]
//! `emit!` where statements and expressions can stand.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

macro_rules! handler {
    ($name:ident, $account:expr) => {
        #[transactional_event(tx = pool)]
        pub async fn $name(pool: &PgPool) -> Result<(), sqlx::Error> {
            emit!(Opened { account: $account });
            Ok(())
        }
    };
}
handler!(made, 3);

#[transactional_event(tx = pool)]
pub async fn positions(pool: &PgPool, account: Option<i64>) -> Result<(), sqlx::Error> {
    macro_rules! both {
        ($first:expr, $second:expr) => {
            emit!($first);
            emit!($second);
        };
    }
    both!(Opened { account: 1 }, Opened { account: 2 });
    if let Some(account) = account
        && account > 0
    {
        emit!(Opened { account });
    }
    let Some(account) = account else {
        emit!(Opened { account: 0 });
        return Ok(());
    };
    while account > 3 {
        emit!(Opened { account });
        break;
    }
    let _: Vec<()> = vec![emit!(Opened { account }), emit!(Opened { account })];
    tokio::select! {
        () = std::future::ready(()) => { emit!(Opened { account }); }
        else => {}
    }
    let (one,) = tokio::join!(async {
        emit!(Opened { account });
        Ok::<_, sqlx::Error>(())
    });
    one?;
    let closure = async || {
        emit!(Opened { account });
        Ok::<_, sqlx::Error>(())
    };
    let _ = closure;
    Ok(())
}

fn main() {}
