-- The log as one plain table, emptied by DELETE: for roles that may not TRUNCATE, and for those who want no partitions.
-- To be applied behind `0001_outbox.sql` in one transaction (`psql -1`); fails where the log has rows.
LOCK TABLE outbox_log IN ACCESS EXCLUSIVE MODE;

DO $$
BEGIN
    IF EXISTS (SELECT FROM outbox_log) THEN
        RAISE 'outbox_log has rows: let the relay publish and remove them before its layout is changed';
    END IF;
END
$$;

DROP TABLE outbox_log;
CREATE SEQUENCE outbox_log_position_seq AS bigint CACHE 1;

-- Append-only, never updated. `xid` is taken before `position` whatever the column order of an insert (W1). Dead rows are
-- what removal leaves: vacuumed by their number, not by their share, and frozen while they are few.
CREATE TABLE outbox_log (
    xid      xid8   NOT NULL DEFAULT pg_current_xact_id(),
    position bigint PRIMARY KEY
             DEFAULT CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('outbox_log_position_seq') END,
    id       uuid   NOT NULL,
    topic    text   NOT NULL,
    key      bytea,
    headers  bytea  NOT NULL,
    payload  bytea
) WITH (autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0,
        autovacuum_freeze_min_age = 0);

ALTER SEQUENCE outbox_log_position_seq OWNED BY outbox_log.position;
