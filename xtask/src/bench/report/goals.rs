//! What the ratios are to be, and whether they are.

use super::{Figured, Findings, Measured};

/// A bound of a ratio or of a figure.
#[derive(Clone, Copy)]
pub(super) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}
use Goal::{AtLeast, AtMost};

/// Cell, what it is compared to or what is counted, and the bound.
const GOALS: [(&str, &str, Goal); 34] = [
    ("drain", "ceiling", AtLeast(0.85)),
    ("drain", "debezium", AtLeast(10.0)),
    ("drain", "textbook", AtLeast(25.0)),
    ("drain", "textbook_tuned", AtLeast(6.0)),
    ("drain", "cf-modkit-db", AtLeast(4.0)),
    ("drain", "outbox-postgres", AtLeast(12.0)),
    ("drain", "ruststream-sqlx", AtLeast(12.0)),
    ("drain.exactly_once", "drain", AtLeast(0.90)),
    ("drain", "wal_per_relayed_event", AtMost(1.0)),
    ("memory", "above_idle", AtMost(64.0)),
    ("headers.default", "none", AtLeast(0.60)),
    ("overhead.1x16", "plain", AtLeast(0.88)),
    ("overhead.1x16", "textbook", AtLeast(1.2)),
    ("overhead.100x1", "row_by_row", AtLeast(8.0)),
    ("overhead.100x16", "row_by_row", AtLeast(8.0)),
    ("overhead.100x64", "row_by_row", AtLeast(8.0)),
    ("wal", "textbook", AtMost(0.75)),
    ("latency.1000.p50", "direct", AtMost(2.0)),
    ("latency.1000.p99", "direct", AtMost(3.0)),
    ("latency.1000.p99", "debezium", AtMost(0.2)),
    ("held.rate", "first_minute", AtLeast(0.97)),
    ("held", "dead_tuples_log", AtMost(0.0)),
    ("fleet.1", "losses", AtMost(0.0)),
    ("fleet.1", "inversions", AtMost(0.0)),
    ("fleet.2", "losses", AtMost(0.0)),
    ("fleet.2", "inversions", AtMost(0.0)),
    ("fleet.2", "hand_over_stop", AtMost(1.0)),
    ("fleet.4", "losses", AtMost(0.0)),
    ("fleet.4", "inversions", AtMost(0.0)),
    ("fleet.4", "hand_over_stop", AtMost(1.0)),
    ("check", "by_hand", AtMost(1.15)),
    ("handler", "by_hand_postgres", AtMost(1.02)),
    ("handler", "by_hand_sqlite", AtMost(1.02)),
    ("handler", "by_hand_postgres_extra_allocations", AtMost(0.0)),
];

impl Goal {
    fn of(cell: &str, of: &str) -> Option<Self> {
        GOALS.iter().find(|(for_cell, for_what, _)| *for_cell == cell && *for_what == of).map(|(.., goal)| *goal)
    }

    pub(super) fn is_met(self, value: f64) -> bool {
        match self {
            AtLeast(bound) => value >= bound,
            AtMost(bound) => value <= bound,
        }
    }
}

/// As a column of the table.
pub(super) fn of_measured(measured: &Measured) -> String {
    let ratio = measured.compare().ratio;
    Goal::of(&measured.cell, &measured.against).map_or_else(String::new, |goal| said(goal, ratio))
}

/// The same for a figure.
pub(super) fn of_figure(figured: &Figured<'_>) -> String {
    Goal::of(figured.cell, figured.figure).map_or_else(String::new, |goal| said(goal, figured.value))
}

/// How many goals this run could judge, and how many are met.
pub(super) fn count(findings: &Findings) -> (usize, usize) {
    let ratios = findings.measured.iter().map(|it| (Goal::of(&it.cell, &it.against), it.compare().ratio));
    let figures = findings.figures.iter().map(|it| (Goal::of(&it.cell, &it.what), it.figured().value));
    let judged: Vec<_> = ratios.chain(figures).filter_map(|(goal, value)| Some(goal?.is_met(value))).collect();
    (judged.len(), judged.into_iter().filter(|is_met| *is_met).count())
}

fn said(goal: Goal, value: f64) -> String {
    let bound = match goal {
        AtLeast(bound) => format!("≥ {bound}"),
        AtMost(bound) => format!("≤ {bound}"),
    };
    format!("{bound}: {}", if goal.is_met(value) { "met" } else { "**missed**" })
}

#[cfg(test)]
mod tests {
    use super::{GOALS, Goal, said};

    #[test]
    fn a_bound_itself_is_met() {
        assert_eq!(said(Goal::AtLeast(0.85), 0.85), "≥ 0.85: met");
        assert_eq!(said(Goal::AtMost(2.0), 2.1), "≤ 2: **missed**");
    }

    #[test]
    fn every_goal_stands_once() {
        let mut names: Vec<_> = GOALS.iter().map(|(cell, of, _)| (cell, of)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), GOALS.len());
    }
}
