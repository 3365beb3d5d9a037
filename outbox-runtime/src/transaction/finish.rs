//! The end of an opens-handler: `Ok` is committed with its events, anything else is rolled back.

use sqlx::Transaction;
use sqlx_core::transaction::TransactionManager;

use super::notes::Notes;
use super::shield::shielded;
use super::{Database, Tx, tx};
use crate::{Error, wake};

/// Commits `tx` if `out` is `Ok`, rolls it back otherwise; locks are free when it returns. Neither can be cancelled:
/// a caller that is dropped meanwhile leaves the whole transaction behind, or nothing of it.
///
/// # Errors
/// The body's own; else, through `convert`: [`Error::Aborted`], [`Error::EmitFailed`], [`Error::TransactionControl`]
/// (nothing was stored), [`Error::Database`] when the database refused COMMIT (nothing was stored), or
/// [`Error::CommitUnknown`].
pub async fn finish<T, E, DB: Database>(
    tx: Tx<'static, DB>,
    out: Result<T, E>,
    convert: impl FnOnce(Error) -> E + Send,
) -> Result<T, E> {
    match end(tx, out).await {
        End::Committed(value) => Ok(value),
        End::Refused(error) => Err(convert(error)),
        End::RolledBack(error) => Err(error),
    }
}

/// How a transaction ended.
pub(super) enum End<T, E> {
    /// With everything in it.
    Committed(T),
    /// The body said `Ok`; it could not be committed, or that is unknown.
    Refused(Error),
    /// The body said this.
    RolledBack(E),
}

pub(super) async fn end<T, E, DB: Database>(tx: Tx<'static, DB>, out: Result<T, E>) -> End<T, E> {
    let (inner, notes) = tx.into_parts();
    match out {
        Ok(value) => match shielded(commit(inner, notes)).await {
            Ok(()) => End::Committed(value),
            Err(error) => End::Refused(error),
        },
        Err(error) => {
            shielded(roll_back(inner, notes)).await;
            End::RolledBack(error)
        }
    }
}

async fn commit<DB: Database>(mut inner: Transaction<'static, DB>, notes: Notes) -> Result<(), Error> {
    if let Err(error) = commitable(&mut inner, &notes).await {
        roll_back(inner, notes).await;
        return Err(error);
    }
    // Not `inner.commit()`: it drops the transaction when it fails, and the rollback could not be awaited.
    let Err(error) = DB::TransactionManager::commit(&mut inner).await else {
        if notes.read().wake {
            wake::notify();
        }
        return Ok(());
    };
    if !DB::commit_refused(&error) {
        return Err(Error::CommitUnknown { source: error });
    }
    roll_back(inner, notes).await;
    Err(Error::Database(error))
}

/// Whether COMMIT would mean what the handler's `Ok` says. No round trip when nothing was noted.
async fn commitable<DB: Database>(inner: &mut Transaction<'static, DB>, notes: &Notes) -> Result<(), Error> {
    let state = notes.read();
    if let Some(keyword) = state.control {
        return Err(Error::TransactionControl { keyword: keyword.to_owned() });
    }
    if let Some(first) = state.emit_failed {
        return Err(Error::EmitFailed { first });
    }
    tx::usable::<DB>(inner, notes).await?;
    if tx::depth::<DB>(inner) > 1 {
        // sqlx would release that savepoint, commit nothing, and say Ok.
        let first = notes.gone(|| "a savepoint was leaked, neither committed nor dropped".to_owned());
        return Err(Error::Aborted { first });
    }
    // PostgreSQL answers COMMIT in an aborted transaction with a rollback, which sqlx reports as Ok (T4).
    if state.doubt || state.gone { tx::check::<DB>(inner, notes).await } else { Ok(()) }
}

async fn roll_back<DB: Database>(mut inner: Transaction<'static, DB>, notes: Notes) {
    if !DB::REFUSES_AFTER_ABORT && !notes.is_sound() {
        // Where the database has rolled back by itself, sqlx's ROLLBACK fails and leaves a useless connection in the
        // pool; the check opens a transaction for it.
        let _ = tx::check::<DB>(&mut inner, &notes).await;
    }
    // More than one level only where a savepoint was leaked.
    for _ in 0..tx::depth::<DB>(&inner) {
        if let Err(error) = DB::TransactionManager::rollback(&mut inner).await {
            tracing::debug!(error = %error, "rollback failed; the connection will do it before anything else");
            DB::TransactionManager::start_rollback(&mut inner);
        }
    }
}
