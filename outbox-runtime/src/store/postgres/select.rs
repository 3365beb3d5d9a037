//! The statement of a read: header, then records of long writers where one has ended, then those above `low`.
//!
//! The first are at or below `low`, so the order is that of positions over both (R1, R7).

use futures_util::stream::{BoxStream, StreamExt};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgExecutor};

use super::cursor::PostgresCursor;

/// A page of the window behind `cursor`, which is opened by it where it has no end yet.
pub(super) struct Select<'a> {
    /// Tables with all rows above `low`.
    pub(super) tables: Vec<String>,
    /// Whether the header has the state of the ring.
    pub(super) is_ring: bool,
    /// Transactions that may have rows at or below `low`: the header tells whether one has ended.
    pub(super) long_writers: &'a [i64],
    /// Their rows, where one has.
    pub(super) late: Option<Late<'a>>,
    pub(super) cursor: &'a PostgresCursor,
    pub(super) limit: i64,
}

/// Rows at or below `low`.
pub(super) struct Late<'a> {
    /// Tables with all rows.
    pub(super) tables: Vec<String>,
    /// Positions below the rows of each long writer.
    pub(super) starts: &'a [i64],
}

/// What a window that has an end adds to a condition.
const INSIDE: &str = "AND pg_visible_in_snapshot(xid, (SELECT until FROM s))";

impl Select<'_> {
    /// A text for each set of tables: the same from read to read, so that it is prepared once.
    pub(super) fn text(&self) -> String {
        let ring = if self.is_ring {
            ", coalesce(pg_sequence_last_value('outbox_log_slot_seq'), 0),
             (SELECT count(*) FROM pg_catalog.pg_inherits WHERE inhparent = 'outbox_log'::regclass)"
        } else {
            ""
        };
        let (until, inside) = match (&self.cursor.now, &self.late) {
            (None, _) => ("pg_current_snapshot()", ""),
            (Some(_), None) => ("$5::text::pg_snapshot", INSIDE),
            (Some(_), Some(_)) => ("$7::text::pg_snapshot", INSIDE),
        };
        let (ended, late) = self.late.as_ref().map_or_else(Default::default, |late| late.text(inside));
        let source = union(&self.tables);
        format!(
            "WITH s AS MATERIALIZED (SELECT pg_current_snapshot() AS now, {until} AS until) {ended}
             SELECT NULL::bigint, i.id,
                    concat_ws(' ', s.now,
                              EXISTS (SELECT FROM unnest($4::bigint[]) l (xid)
                                      WHERE pg_visible_in_snapshot(l.xid::text::xid8, s.until)){ring}),
                    NULL::bytea, NULL::bytea, NULL::bytea
             FROM s LEFT JOIN outbox_incarnation i ON true
             {late}
             UNION ALL
             SELECT * FROM (
                 SELECT position, id, topic, key, headers, payload FROM {source}
                 WHERE position > $2 AND NOT pg_visible_in_snapshot(xid, (SELECT $1::text::pg_snapshot)) {inside}
                 ORDER BY position LIMIT $3) page"
        )
    }

    /// Runs `text`, which is this statement's.
    pub(super) fn rows<'e>(
        &'e self,
        executor: impl PgExecutor<'e> + 'e,
        text: &str,
    ) -> BoxStream<'e, sqlx::Result<PgRow>> {
        let (cursor, low) = (self.cursor, self.cursor.marks.low);
        let query = sqlx::query(AssertSqlSafe(text.to_owned()))
            .bind(&*cursor.prev)
            .bind(if cursor.now.is_some() { cursor.last_position.max(low) } else { low })
            .bind(self.limit)
            .bind(self.long_writers);
        let query = match &self.late {
            None => query,
            Some(late) => query.bind(low).bind(late.starts_in(cursor)),
        };
        let query = match &cursor.now {
            None => query,
            Some(now) => query.bind(&**now),
        };
        query.fetch(executor).boxed()
    }
}

impl Late<'_> {
    /// A CTE with the position to look from, and the page of records: no further down than rows can be of those who have
    /// ended.
    fn text(&self, inside: &str) -> (&'static str, String) {
        let source = union(&self.tables);
        let ended = ", ended AS MATERIALIZED (
                 SELECT min(l.start) AS start FROM s, unnest($4::bigint[], $6::bigint[]) l (xid, start)
                 WHERE pg_visible_in_snapshot(l.xid::text::xid8, s.until))";
        let late = format!(
            "UNION ALL
             SELECT * FROM (
                 SELECT position, id, topic, key, headers, payload FROM {source}
                 WHERE position > (SELECT start FROM ended) AND position <= $5
                   AND xid = ANY ((SELECT $4::bigint[]::text[]::xid8[])::xid8[]) {inside}
                 ORDER BY position LIMIT $3) late"
        );
        (ended, late)
    }

    /// Where to look for the rows of each, behind those that are delivered in a window already begun.
    fn starts_in(&self, cursor: &PostgresCursor) -> Vec<i64> {
        let delivered = if cursor.now.is_some() { cursor.last_position } else { 0 };
        self.starts.iter().map(|start| (*start).max(delivered)).collect()
    }
}

/// Rows of all these tables: the planner merges their indexes.
fn union(tables: &[String]) -> String {
    match tables {
        [table] => table.clone(),
        tables => {
            let each = tables
                .iter()
                .map(|table| format!("SELECT xid, position, id, topic, key, headers, payload FROM {table}"));
            format!("({}) l", each.collect::<Vec<_>>().join(" UNION ALL "))
        }
    }
}
