//! Closures that are not async emit too, where they are made and called between two awaits.

use outbox::{emit, transactional_event};

use super::{Failure, SqliteTransaction, Tape, compare};
use crate::support::STATE;

#[transactional_event]
async fn closures(tx: &mut SqliteTransaction<'_>, tape: &mut Tape) -> Result<(), Failure> {
    tape.steps(4).iter().for_each(|step| emit!(step));
    sqlx::query(STATE).bind(tape.id()).execute(&mut ***tx).await?;
    let mut count = 0;
    let mut twice = |step| {
        emit!(step, key = count);
        emit!(step);
        count += 1;
    };
    twice(tape.step());
    if tape.flag() {
        twice(tape.step());
    }
    let also = move |step| emit!(step);
    also(tape.step());
    twice(tape.step());
    let ids: Vec<i64> = tape
        .steps(4)
        .into_iter()
        .map(|step| {
            emit!(step);
            step.id
        })
        .collect();
    let lazy = ids.iter().map(|id| emit!(tape.step(), key = id));
    let done = lazy.count();
    sqlx::query(STATE).bind(done as i64 + 1000).execute(&mut ***tx).await?;
    let parsed: Result<Vec<i64>, Failure> = (0..3)
        .map(|_| {
            let id = tape.fallible()?;
            emit!(tape.step(), key = id);
            Ok(id)
        })
        .collect();
    parsed.map(|ids| ids.into_iter().for_each(|id| emit!(tape.step(), key = id)))
}

/// The same by hand.
#[transactional_event]
async fn by_hand(tx: &mut SqliteTransaction<'_>, tape: &mut Tape) -> Result<(), Failure> {
    for step in tape.steps(4) {
        emit!(tx => step);
    }
    sqlx::query(STATE).bind(tape.id()).execute(&mut ***tx).await?;
    let step = tape.step();
    emit!(tx => step, key = 0);
    emit!(tx => step);
    let mut count = 1;
    if tape.flag() {
        let step = tape.step();
        emit!(tx => step, key = count);
        emit!(tx => step);
        count += 1;
    }
    emit!(tx => tape.step());
    let step = tape.step();
    emit!(tx => step, key = count);
    emit!(tx => step);
    let steps = tape.steps(4);
    for step in &steps {
        emit!(tx => step);
    }
    for step in &steps {
        emit!(tx => tape.step(), key = step.id);
    }
    sqlx::query(STATE).bind(steps.len() as i64 + 1000).execute(&mut ***tx).await?;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(tape.fallible()?);
        emit!(tx => tape.step(), key = ids[ids.len() - 1]);
    }
    for id in ids {
        emit!(tx => tape.step(), key = id);
    }
    Ok(())
}

#[tokio::test]
async fn closures_emit_what_loops_would() {
    compare("closures", closures, by_hand).await;
}
