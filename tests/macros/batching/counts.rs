//! How many INSERTs there are.

use outbox::{emit, transactional_event};

use super::{Failure, SqliteTransaction, Tape, left};
use crate::support::{STATE, db};

#[transactional_event]
async fn two(tx: &mut SqliteTransaction<'_>, tape: &mut Tape) -> Result<(), Failure> {
    emit!(tape.step());
    for _ in 0..10 {
        emit!(tape.step());
    }
    let number = tape.id();
    (0..10).for_each(|_| emit!(tape.step()));
    sqlx::query(STATE).bind(number).execute(&mut ***tx).await?;
    if number > 0 {
        emit!([tape.step(), tape.step()]);
    }
    match number {
        0 => {}
        _ => emit!(tape.step()),
    }
    Ok(())
}

/// Each of these ends a run.
#[transactional_event]
async fn ends(tx: &mut SqliteTransaction<'_>, tape: &mut Tape) -> Result<(), Failure> {
    macro_rules! unknown {
        () => {};
    }
    emit!(tape.step());
    unknown!();
    emit!(tape.step());
    let _ = &tx;
    emit!(tape.step());
    let _ = tape.fallible()?;
    emit!(tape.step());
    std::future::ready(()).await;
    emit!(tape.step());
    emit!(tx => tape.step());
    emit!(tape.step());
    Ok(())
}

#[transactional_event]
async fn nothing(tx: &mut SqliteTransaction<'_>, tape: &mut Tape) -> Result<(), Failure> {
    for _ in 0..tape.below(1) {
        emit!(tape.step());
    }
    Ok(())
}

#[tokio::test]
async fn one_insert_between_two_awaits() {
    let db = db().await;
    let found = left(&db, 0, two).await;
    assert_eq!((found.keys.len(), found.inserts), (24, 2), "{found:?}");
    let found = left(&db, 0, ends).await;
    assert_eq!((found.keys.len(), found.inserts), (7, 7), "{found:?}");
    let found = left(&db, 0, nothing).await;
    assert_eq!((found.keys, found.end), (vec![], "Ok".to_owned()));
}
