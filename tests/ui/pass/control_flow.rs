#![deny(warnings)]
//! Labelled loops, let-else, `matches!`, nested returns, shadowing, `?` in odd places.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
pub async fn flows(pool: &PgPool, rows: &[Vec<i64>], text: Option<&str>) -> Result<u64, sqlx::Error> {
    let Some(text) = text else {
        return Ok(0);
    };
    let mut sum = 0;
    'rows: for row in rows {
        for account in row {
            match account {
                0 => continue 'rows,
                1 => break 'rows,
                2 if text.is_empty() => return Err(sqlx::Error::RowNotFound),
                account => emit!(Opened { account: *account }),
            }
            sum += 1;
        }
    }
    let found = 'found: {
        if text.len() > 3 {
            break 'found sqlx::query("SELECT 1").execute(&mut *tx).await?.rows_affected();
        }
        emit!(Opened { account: 7 });
        0
    };
    let last = loop {
        sum += 1;
        if sum > 10 {
            emit!(Opened { account: 8 });
            break sum;
        }
    };
    if let [first, .., last] = rows
        && matches!((first.first(), last.first()), (Some(1), _))
    {
        emit!(Opened { account: 9 });
    } else if rows.is_empty() {
        emit!(Opened { account: 10 });
    }
    let text = { text.len() as u64 };
    Ok(found + last + if text > 1 { text } else { return Ok(1) })
}

fn main() {}
