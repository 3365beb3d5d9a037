//! Bodies of all kinds of statements.

// These shapes are the point.
#![allow(clippy::never_loop, clippy::if_same_then_else, clippy::unit_arg, clippy::useless_vec)]

use outbox::emit;
use sqlx::Connection;

use super::{Failure, Step, same};
use crate::support::STATE;

same!(statements_in_a_row(tx, tape) {
    emit!(tape.step());
    emit!(tape.step());
    let number = tape.id();
    let step = tape.step();
    emit!(step);
    sqlx::query(STATE).bind(number).execute(&mut ***tx).await?;
    emit!(step, key = number);
    emit!([tape.step(), tape.step()]);
    emit!(..tape.steps(3));
    Ok(())
});

same!(conditions(tx, tape) {
    if tape.flag() {
        emit!(tape.step());
        if tape.flag() {
            emit!(tape.step());
        } else if tape.flag() {
            emit!(tape.step());
            emit!(tape.step());
        }
    }
    match tape.below(4) {
        0 => emit!(tape.step()),
        1 if tape.flag() => {
            emit!(tape.step());
            emit!(tape.step());
        }
        _ => {}
    }
    if tape.flag() {
        sqlx::query(STATE).bind(tape.id()).execute(&mut ***tx).await?;
        emit!(tape.step());
        emit!(tape.step())
    }
    emit!(tape.step());
    Ok(())
});

same!(loops(tx, tape) {
    for _ in 0..tape.below(4) {
        emit!(tape.step());
        if tape.flag() {
            continue;
        }
        emit!(tape.step());
        if tape.flag() {
            break;
        }
    }
    sqlx::query(STATE).bind(tape.id()).execute(&mut ***tx).await?;
    let mut left = tape.below(5);
    while left > 0 {
        left -= 1;
        emit!(tape.step());
    }
    let last = loop {
        emit!(tape.step());
        if tape.flag() {
            break tape.id();
        }
    };
    emit!(tape.step(), key = last);
    for step in tape.steps(4) {
        emit!(step)
    }
    Ok(())
});

same!(labels(tx, tape) {
    'outer: for round in 0..tape.below(4) {
        for _ in 0..tape.below(4) {
            emit!(tape.step());
            match tape.below(4) {
                0 => continue 'outer,
                1 => break 'outer,
                2 => sqlx::query(STATE).bind(tape.id()).execute(&mut ***tx).await.map(drop)?,
                _ => emit!(tape.step()),
            }
            emit!(tape.step());
        }
        emit!(tape.step(), key = round);
    }
    'block: {
        emit!(tape.step());
        if tape.flag() {
            break 'block;
        }
        emit!(tape.step());
    }
    'out: loop {
        loop {
            emit!(tape.step());
            if tape.flag() {
                break 'out;
            }
        }
    }
    Ok(())
});

same!(loops_with_awaits(tx, tape) {
    for _ in 0..tape.below(4) {
        emit!(tape.step());
        emit!(tape.step());
        if tape.flag() {
            sqlx::query(STATE).bind(tape.id()).execute(&mut ***tx).await?;
            emit!(tape.step());
        }
        for step in tape.steps(3) {
            emit!(step);
        }
    }
    Ok(())
});

same!(ways_out(tx, tape) {
    emit!(tape.step());
    emit!(tape.step());
    let number = tape.fallible()?;
    emit!(tape.step(), key = number);
    if tape.flag() {
        emit!(tape.step());
        emit!(tape.step());
        return Ok(());
    }
    emit!(tape.step());
    let Some(number) = tape.flag().then_some(number) else {
        emit!(tape.step());
        emit!(tape.step());
        return Err(Failure::OnPurpose);
    };
    emit!(tape.step(), key = number);
    sqlx::query(STATE).bind(number).execute(&mut ***tx).await?;
    for _ in 0..tape.below(3) {
        emit!(tape.step());
        emit!(tape.step(), key = tape.fallible()?);
    }
    emit!(tape.step());
    emit!(tape.step());
    Ok(())
});

same!(savepoints(tx, tape) {
    emit!(tape.step());
    emit!(tape.step());
    {
        let mut tx = tx.begin().await?;
        emit!(tape.step());
        emit!(tape.step());
        sqlx::query(STATE).bind(tape.id()).execute(&mut *tx).await?;
        for step in tape.steps(3) {
            emit!(step);
        }
        if tape.flag() {
            tx.commit().await?;
            emit_none();
        } else {
            tx.rollback().await?;
        }
    }
    emit!(tape.step());
    emit!(tape.step());
    let mut inner = tx.begin().await?;
    emit!(inner => tape.step());
    emit!(inner => [tape.step(), tape.step()]);
    if tape.flag() {
        inner.commit().await?;
    } else {
        drop(inner);
    }
    emit!(tape.step());
    emit!(tape.step());
    Ok(())
});

fn emit_none() {}

same!(savepoints_by_sql(tx, tape) {
    macro_rules! undo {
        () => {
            sqlx::query("ROLLBACK TO here").execute(&mut ***tx).await?
        };
    }
    sqlx::query("SAVEPOINT here").execute(&mut ***tx).await?;
    emit!(tape.step());
    emit!(tape.step());
    undo!();
    emit!(tape.step());
    emit!(tape.step());
    if tape.flag() {
        emit!(tape.step());
        undo!();
        emit!(tape.step());
    }
    emit!(tape.step());
    sqlx::query("RELEASE here").execute(&mut ***tx).await?;
    emit!(tape.step());
    Ok(())
});

same!(values(tx, tape) {
    let () = emit!(tape.step());
    let number = {
        emit!(tape.step());
        tape.id()
    };
    let all: [(); 2] = [emit!(tape.step()), emit!(tape.step())];
    let more = vec![emit!(tape.step()), emit!(tape.step())];
    let text = format!("{:?}{:?}", emit!(tape.step()), all);
    assert_eq!(more.len(), 2, "{:?}", emit!(tape.step()));
    sqlx::query(STATE).bind(number + text.len() as i64 * 1000).execute(&mut ***tx).await?;
    emit!(Step { id: { emit!(tape.step()); number }, ..tape.step() });
    emit!({
        let inner = tape.step();
        emit!(inner);
        inner
    });
    Ok(())
});

same!(tails(tx, tape) {
    let number: i64 = {
        emit!(tape.step());
        emit!(tape.step());
        sqlx::query(STATE).bind(tape.id()).execute(&mut ***tx).await?;
        emit!(tape.step());
        match tape.below(2) {
            0 => {
                emit!(tape.step());
                tape.id()
            }
            _ => tape.id(),
        }
    };
    let steps = {
        sqlx::query(STATE).bind(tape.id()).execute(&mut ***tx).await?;
        vec! { emit!(tape.step()), emit!(tape.step(), key = number) }
    };
    drop(steps);
    if tape.flag() {
        sqlx::query(STATE).bind(tape.id()).execute(&mut ***tx).await?;
        emit!(tape.step());
        if tape.flag() { emit!(tape.step()) } else { emit!(tape.step()) }
    }
    match tape.below(3) {
        0 => Ok({
            emit!(tape.step());
            emit!(tape.step());
        }),
        1 => {
            emit!(tape.step());
            emit!(tape.step());
            Err(Failure::OnPurpose)
        }
        _ => Ok(()),
    }
});

same!(blocks_that_wait(tx, tape) {
    emit!(tape.step());
    emit!(tape.step());
    let later = async {
        emit!(tape.step());
        emit!(tape.step());
        if tape.flag() {
            return Ok::<_, Failure>(Err(Failure::OnPurpose));
        }
        for step in tape.steps(3) {
            emit!(step);
        }
        Ok(Ok(()))
    };
    // The other errors would leave at other places of the tape.
    let ended = later.await?;
    emit!(tape.step());
    emit!(tape.step());
    let mut closure = async |tape: &mut super::Tape| {
        emit!(tape.step());
        emit!(tape.step());
        Ok::<_, Failure>(())
    };
    closure(tape).await?;
    emit!(tape.step());
    ended
});

same!(items_and_attributes(tx, tape) {
    emit!(tape.step());
    #[cfg(all())]
    emit!(tape.step());
    #[cfg(any())]
    emit!(tape.nothing());
    fn next(tape: &mut super::Tape) -> Step {
        tape.step()
    }
    struct Marker;
    emit!(next(tape));
    const COUNT: usize = 2;
    #[allow(unused_variables)]
    let marker = Marker;
    for _ in 0..COUNT {
        emit!(next(tape));
    }
    let spawned = tokio::spawn(async { tokio::task::yield_now().await });
    emit!(next(tape));
    spawned.await.map_err(|_| Failure::OnPurpose)?;
    emit!(next(tape));
    sqlx::query(STATE).bind(tape.id()).execute(&mut ***tx).await?;
    Ok(())
});

same!(scopes(tx, tape) {
    let guard = std::cell::RefCell::new(Vec::new());
    let first = tape.step();
    emit!(first);
    guard.borrow_mut().push(first.id);
    let taken = std::mem::replace(&mut *guard.borrow_mut(), vec![7]);
    emit!(tape.step(), key = taken.len());
    let mut shadowed = tape.id();
    emit!(tape.step(), key = shadowed);
    shadowed += 1;
    let shadowed = shadowed + 1;
    emit!(tape.step(), key = shadowed);
    {
        let shadowed = 0;
        emit!(tape.step(), key = shadowed);
    }
    emit!(tape.step(), key = shadowed + guard.borrow()[0]);
    sqlx::query(STATE).bind(shadowed).execute(&mut ***tx).await?;
    let (one, two) = (tape.step(), tape.step());
    emit!(two);
    emit!(one);
    Ok(())
});
