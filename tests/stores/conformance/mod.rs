//! What every store must do. A case is a function of a harness; the macros make tests of them for one store.

pub(crate) mod commands;
pub(crate) mod delayed;
pub(crate) mod exactly_once;
pub(crate) mod leasing;
pub(crate) mod overview;
pub(crate) mod parking;
pub(crate) mod reading;
pub(crate) mod room;
pub(crate) mod tables;
pub(crate) mod waiting;

/// Tests of the cases named, for one harness.
macro_rules! cases {
    ($harness:ty, $trait:ident :: $new:ident: $($group:ident :: $case:ident),+ $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $case() {
            let harness = <$harness as $crate::harness::$trait>::$new().await;
            $crate::conformance::$group::$case(&harness).await;
            $crate::harness::Harness::finish(harness).await;
        }
    )+};
}

/// The suite.
macro_rules! conformance {
    ($harness:ty) => {
        $crate::conformance::cases!($harness, Harness::new:
            reading::records_come_in_order_and_complete_over_pages,
            reading::a_page_of_large_records_ends_early,
            reading::an_empty_log_gives_an_empty_page,
            reading::a_new_owner_resumes_behind_any_settled_record,
            reading::what_was_not_settled_is_read_again,
            reading::a_record_comes_back_as_it_was_appended,
            reading::appending_while_reading_loses_nothing,
            leasing::a_lease_is_exclusive_and_can_be_renewed,
            leasing::a_lease_ends_by_itself,
            leasing::an_ended_lease_is_taken_over_and_its_owner_fenced,
            leasing::a_released_log_is_taken_at_once,
            leasing::the_same_owner_takes_its_log_again,
            leasing::epoch_and_owner_must_both_fit,
            parking::parked_rows_come_with_the_cursor,
            parking::parked_rows_are_loaded_in_order_and_unparked,
            parking::a_row_parked_again_has_the_new_state,
            room::only_settled_records_go_in_bounded_chunks,
            room::a_position_is_not_used_twice,
            commands::parked_records_are_shown_in_pages,
            commands::retry_is_for_failed_records_and_taken_until_it_ends,
            commands::many_retries_are_taken_bit_by_bit,
            commands::skip_takes_a_marked_record_out_once,
            commands::only_the_owner_executes_commands,
            overview::a_log_at_a_glance,
            delayed::a_delayed_record_waits_until_it_is_due,
            delayed::the_longest_delay_is_stored,
            delayed::records_due_together_keep_their_order,
            delayed::only_the_owner_moves,
            exactly_once::rule_13_a_log_starts_from_the_position,
            exactly_once::rule_13_the_stored_cursor_counts_before_and_after,
            exactly_once::rule_13_a_position_of_another_history_is_refused,
            exactly_once::rule_13_a_position_further_back_is_refused,
            exactly_once::rule_13_rows_of_an_earlier_history_stay,
            exactly_once::rule_15_only_the_owner_prepares_and_recovers,
        );
    };
}

/// For stores with tables.
macro_rules! conformance_of_tables {
    ($harness:ty) => {
        $crate::conformance::cases!($harness, Tables::empty: tables::missing_tables_are_named);
        $crate::conformance::cases!($harness, Harness::new: tables::a_newer_version_is_refused);
    };
}

/// For stores with a hint of their own.
macro_rules! conformance_of_waiting {
    ($harness:ty) => {
        $crate::conformance::cases!($harness, Harness::new:
            waiting::a_commit_ends_the_wait,
            waiting::a_commit_between_read_and_wait_is_not_missed,
        );
    };
}

pub(crate) use {cases, conformance, conformance_of_tables, conformance_of_waiting};
