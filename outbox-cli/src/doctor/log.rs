//! What every log can have: parked records, an owner that is gone, a backlog.

use std::time::Duration;

use outbox_runtime::store::Overview;

use super::finding::Finding;
use crate::database::Log;

pub(super) async fn examine(log: &Log, old: Duration, findings: &mut Vec<Finding>) {
    match log.overview().await {
        Ok(overview) => {
            findings.extend([owner(&overview), parked(&overview), backlog(&overview, old)].into_iter().flatten())
        }
        Err(error) => findings.push(Finding::unknown("the log", &error)),
    }
}

fn owner(overview: &Overview) -> Option<Finding> {
    if !overview.lease_remaining.is_zero() {
        return None;
    }
    let start = "start a relay (`outbox relay`), or look at why it stopped";
    match overview.owner {
        Some(owner) => {
            let what =
                format!("the relay {owner} owned the log and died: its lease is over and nobody took the log since");
            Some(Finding::error("OBX-153", what, start))
        }
        None if overview.backlog_records > 0 => {
            Some(Finding::error("OBX-153", "records wait and no relay owns the log", start))
        }
        None => None,
    }
}

fn parked(overview: &Overview) -> Option<Finding> {
    let (failed, auto) = (overview.failed, overview.auto);
    (failed + auto > 0).then(|| {
        Finding::warning(
            "OBX-154",
            format!("{failed} parked records cannot be sent, and {auto} wait behind them or for their topic"),
            "`outbox parked list` says why; `outbox parked retry|skip ID` decides",
        )
    })
}

fn backlog(overview: &Overview, old: Duration) -> Option<Finding> {
    let age = overview.oldest_pending.filter(|age| *age > old)?;
    Some(Finding::error(
        "OBX-155",
        format!(
            "the oldest record waits for {:.0} s, with at most {} behind it",
            age.as_secs_f64(),
            overview.backlog_records
        ),
        "look at the relay's log and its `/readyz`, and at what else was found here",
    ))
}
