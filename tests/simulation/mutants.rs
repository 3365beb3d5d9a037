//! Each wrong choice that the rules exclude must break a promise in some schedule.

use std::panic::catch_unwind;

use outbox_runtime::relay::machine::Mutations;

/// Schedules a mutant may survive before it counts as alive.
const SEEDS: u64 = 20_000;

fn dies(name: &str, mutations: Mutations) {
    for seed in 0..SEEDS {
        // A mutant may also break the machine's own invariants.
        match catch_unwind(|| super::run(seed, mutations, false)) {
            Ok(Ok(_)) => {}
            Ok(Err(broken)) => return println!("{name}: seed {seed}: {broken}"),
            Err(_) => return println!("{name}: seed {seed}: panicked"),
        }
    }
    panic!("{name} survived {SEEDS} schedules: the simulator does not see it");
}

macro_rules! mutants {
    ($($test:ident: $field:ident,)+) => {$(
        #[test]
        fn $test() {
            dies(stringify!($field), Mutations { $field: true, ..Mutations::default() });
        }
    )+};
}

mutants! {
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
