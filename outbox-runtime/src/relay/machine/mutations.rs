//! The wrong choices that the rules exclude, one switch each: the simulator turns them on and must notice.
//!
//! All off outside of that test.

/// Switches; each breaks one rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mutations {
    /// Rule 1: a standby loads the table before it has the lease.
    pub load_before_lease: bool,
    /// Rule 2: memory survives a lost lease or a database crash.
    pub ignore_fence: bool,
    /// Rule 3: followers are parked as failed.
    pub followers_failed: bool,
    /// Rule 4: the gate sees the table only, not the decisions in memory.
    pub gate_sees_table_only: bool,
    /// Rule 4: null keys are gated like a key.
    pub null_keys_gated: bool,
    /// Rule 5: a failed record is sent again on the same producer.
    pub resend_without_rebuild: bool,
    /// Rule 6: the first record of a partition does not travel alone.
    pub first_not_alone: bool,
    /// Rule 7: every record of a rejected batch is failed.
    pub park_whole_batch: bool,
    /// Rule 8: the cursor is settled first, the rows afterwards.
    pub cursor_first: bool,
    /// Rule 8: acknowledged rows stay in the table.
    pub keep_acknowledged_rows: bool,
    /// Rule 8: the cursor goes to the last acknowledged record, not to the end of the decided prefix.
    pub settle_over_gaps: bool,
    /// Rule 10: automatic rows do not wait for the earlier rows of their key.
    pub rows_pass_the_gate: bool,
    /// Rule 11: followers pass before the skip has committed.
    pub skip_before_commit: bool,
    /// Rule 12: no window.
    pub no_window: bool,
    /// Rule 13: the position is read before earlier producers are fenced.
    pub position_before_fence: bool,
    /// Rule 13: rows at or beyond the position stay in the table.
    pub keep_rows_beyond: bool,
    /// Rule 13: the stored cursor counts, not the position.
    pub trust_the_cursor: bool,
    /// Rule 13: rows that the position lists stay in the table.
    pub keep_listed_rows: bool,
    /// Rule 13: a producer that was fenced begins anew without asking for the position.
    pub resume_without_position: bool,
    /// Rule 15: rows are deleted before the commit of the transaction they are sent in.
    pub delete_rows_before_commit: bool,
    /// Rule 15: the position lists no rows.
    pub list_no_rows: bool,
    /// Rule 15: the sink commits before the database.
    pub commit_before_settle: bool,
    /// Rule 16: what an aborted transaction had sent counts as sent.
    pub keep_acknowledged_of_aborted: bool,
}
