//! Each wrong choice that the rules exclude must break a promise in some schedule.

use std::panic::catch_unwind;

use outbox_runtime::relay::machine::Mutations;

/// Schedules a mutant may survive before it counts as alive.
const SEEDS: u64 = 20_000;

fn dies(name: &str, exactly_once: bool, mutations: Mutations) {
    for seed in 0..SEEDS {
        // A mutant may also break the machine's own invariants.
        match catch_unwind(|| super::run(seed, exactly_once, mutations, false)) {
            Ok(Ok(_)) => {}
            Ok(Err(broken)) => return println!("{name}: seed {seed}: {broken}"),
            Err(_) => return println!("{name}: seed {seed}: panicked"),
        }
    }
    panic!("{name} survived {SEEDS} schedules: the simulator does not see it");
}

macro_rules! mutants {
    ($exactly_once:literal: $($test:ident: $field:ident,)+) => {$(
        #[test]
        fn $test() {
            dies(stringify!($field), $exactly_once, Mutations { $field: true, ..Mutations::default() });
        }
    )+};
}

mutants! {
    false:
    rule_1_load_before_lease: load_before_lease,
    rule_2_ignore_fence: ignore_fence,
    rule_3_followers_failed: followers_failed,
    rule_4_gate_sees_table_only: gate_sees_table_only,
    rule_4_null_keys_gated: null_keys_gated,
    rule_5_resend_without_rebuild: resend_without_rebuild,
    rule_6_first_not_alone: first_not_alone,
    rule_7_park_whole_batch: park_whole_batch,
    rule_8_cursor_first: cursor_first,
    rule_8_keep_acknowledged_rows: keep_acknowledged_rows,
    rule_8_settle_over_gaps: settle_over_gaps,
    rule_10_rows_pass_the_gate: rows_pass_the_gate,
    rule_11_skip_before_commit: skip_before_commit,
    rule_12_no_window: no_window,
}

mutants! {
    true:
    rule_2_exactly_once_ignore_fence: ignore_fence,
    rule_4_exactly_once_gate_sees_table_only: gate_sees_table_only,
    rule_13_position_before_fence: position_before_fence,
    rule_13_keep_rows_beyond: keep_rows_beyond,
    rule_13_trust_the_cursor: trust_the_cursor,
    rule_13_keep_listed_rows: keep_listed_rows,
    rule_13_resume_without_position: resume_without_position,
    rule_15_delete_rows_before_commit: delete_rows_before_commit,
    rule_15_list_no_rows: list_no_rows,
    rule_15_commit_before_settle: commit_before_settle,
    rule_16_park_whole_batch: park_whole_batch,
    rule_16_keep_acknowledged_of_aborted: keep_acknowledged_of_aborted,
}
