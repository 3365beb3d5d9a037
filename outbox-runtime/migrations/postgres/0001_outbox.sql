-- The log: append-only, never updated. `xid` is taken before `position` whatever the column order of an insert (W1).
CREATE SEQUENCE outbox_log_position_seq AS bigint CACHE 1;

CREATE TABLE outbox_log (
    xid      xid8   NOT NULL DEFAULT pg_current_xact_id(),
    position bigint PRIMARY KEY
             DEFAULT CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('outbox_log_position_seq') END,
    id       uuid   NOT NULL,
    topic    text   NOT NULL,
    key      bytea,
    headers  bytea  NOT NULL,
    payload  bytea
);

ALTER SEQUENCE outbox_log_position_seq OWNED BY outbox_log.position;

-- Where the relay stands, and who it is: one row. The windows are snapshots: (prev, now] is the one in work, `low` belongs
-- to `prev` (everything at or below it is visible there), `high` is the highest position of any window settled so far.
-- '1:1:' is the snapshot that sees nothing. fillfactor: every settle updates this row, and must stay a HOT update.
-- `log` names this log for ever. `sink_transaction` is set while the log is relayed exactly once: the sink's transaction that
-- the cursor was written for, which counts only once the sink has committed it.
CREATE TABLE outbox_cursor (
    one               boolean     PRIMARY KEY DEFAULT true CHECK (one),
    epoch             bigint      NOT NULL DEFAULT 0,
    owner             uuid,
    lease_until       timestamptz NOT NULL DEFAULT '-infinity',
    system_identifier bigint      NOT NULL,
    prev              pg_snapshot NOT NULL DEFAULT '1:1:',
    now               pg_snapshot,
    last_position     bigint      NOT NULL DEFAULT 0,
    low               bigint      NOT NULL DEFAULT 0,
    high              bigint      NOT NULL DEFAULT 0,
    log               uuid        NOT NULL DEFAULT gen_random_uuid(),
    sink_transaction  bigint
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0);

INSERT INTO outbox_cursor (system_identifier) SELECT system_identifier FROM pg_control_system();

-- Emptied by the server itself after a crash or a promotion: that is how a relay learns that xids it remembers may have
-- been handed out again (R4). Must stay UNLOGGED.
CREATE UNLOGGED TABLE outbox_incarnation (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id  uuid    NOT NULL
);

-- Records that wait beside the log: `failed` can never be sent, `auto` follows one that is unfinished. Only the relay
-- that owns the log writes rows; an operator sets `mark`: `retry` on a failed row, `skip` on any. A row
-- with `retry` that is `auto` is being tried again. `sink_transaction` is that of the cursor when the row was written.
CREATE TABLE outbox_parked (
    position  bigint      PRIMARY KEY,
    state     text        NOT NULL CHECK (state IN ('failed', 'auto')),
    mark      text        CHECK (mark IN ('retry', 'skip')),
    cause     text        NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    id        uuid        NOT NULL,
    topic     text        NOT NULL,
    key       bytea,
    headers   bytea       NOT NULL,
    payload   bytea,
    sink_transaction bigint
);

CREATE INDEX outbox_parked_mark ON outbox_parked (position) WHERE mark IS NOT NULL;

-- The audit of skipped records. "Skipped" means given up by an operator: an earlier copy may have been sent all the same.
CREATE TABLE outbox_skipped (
    position   bigint      NOT NULL,
    id         uuid        NOT NULL,
    state      text        NOT NULL,
    cause      text        NOT NULL,
    parked_at  timestamptz NOT NULL,
    skipped_at timestamptz NOT NULL DEFAULT now(),
    topic      text        NOT NULL,
    key        bytea,
    headers    bytea       NOT NULL,
    payload    bytea,
    PRIMARY KEY (position, id)
);

-- Events that are due later. The relay moves them into the log; `place` keeps the order of those due at the same time.
CREATE TABLE outbox_delayed (
    due     timestamptz NOT NULL,
    place   bigint GENERATED ALWAYS AS IDENTITY,
    id      uuid   NOT NULL,
    topic   text   NOT NULL,
    key     bytea,
    headers bytea  NOT NULL,
    payload bytea,
    PRIMARY KEY (due, place)
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
