-- The log: append-only, never updated, a ring of slots that are emptied by TRUNCATE. For each row `xid` is taken before
-- `position`, whatever the columns of an insert (W1), and `position` before `slot`, which therefore stands behind it.
-- No primary key here: it would have to contain the slot. Each slot has its own, and positions come from one sequence.
CREATE SEQUENCE outbox_log_position_seq AS bigint CACHE 1;

-- Where new rows go: the slot in the low 8 bits, above them a number that grows, so that no value comes twice. A sequence
-- is written in place and seen by everyone at once: it leaves no dead row, and no snapshot is too old for it. Who may not
-- read it would be told nothing, as if rows went to slot 0: for them there is no slot.
CREATE SEQUENCE outbox_log_slot_seq AS bigint MINVALUE 0 CACHE 1;

CREATE TABLE outbox_log (
    xid      xid8     NOT NULL DEFAULT pg_current_xact_id(),
    position bigint   NOT NULL
             DEFAULT CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('outbox_log_position_seq') END,
    id       uuid     NOT NULL,
    slot     smallint NOT NULL DEFAULT coalesce(
                 pg_sequence_last_value('outbox_log_slot_seq') & 255,
                 CASE WHEN has_sequence_privilege('outbox_log_slot_seq'::regclass, 'USAGE, SELECT') THEN 0 ELSE 255 END),
    topic    text     NOT NULL,
    key      bytea,
    headers  bytea    NOT NULL,
    payload  bytea
) PARTITION BY LIST (slot);

ALTER SEQUENCE outbox_log_position_seq OWNED BY outbox_log.position;
ALTER SEQUENCE outbox_log_slot_seq OWNED BY outbox_log.slot;

-- A slot is empty or being filled: there is nothing to vacuum, and anti-wraparound vacuum comes all the same. The relay
-- adds slots where it may and all of these are in use.
CREATE TABLE outbox_log_0 PARTITION OF outbox_log (PRIMARY KEY (position)) FOR VALUES IN (0)
    WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE TABLE outbox_log_1 PARTITION OF outbox_log (PRIMARY KEY (position)) FOR VALUES IN (1)
    WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE TABLE outbox_log_2 PARTITION OF outbox_log (PRIMARY KEY (position)) FOR VALUES IN (2)
    WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE TABLE outbox_log_3 PARTITION OF outbox_log (PRIMARY KEY (position)) FOR VALUES IN (3)
    WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);

-- When new rows went on from a slot to another one.
CREATE TABLE outbox_slot (
    slot      smallint    PRIMARY KEY,
    filled_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO outbox_slot (slot) VALUES (0), (1), (2), (3);

-- Where the relay stands, and who it is: one row. The windows are snapshots: (prev, now] is the one in work. `floor` and
-- `low` belong to `prev`: every row at or below `floor` is visible there; every row at or below `low` is, or is one of a
-- long writer: a transaction below `low_xid` that was running in `prev` (R7). `high` is the highest position of any window
-- settled so far. '1:1:' is the snapshot that sees nothing. fillfactor: every settle updates this row, and must stay a HOT
-- update. Where dead versions cannot be removed, the relay writes the table anew.
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
    floor             bigint      NOT NULL DEFAULT 0,
    low               bigint      NOT NULL DEFAULT 0,
    low_xid           bigint      NOT NULL DEFAULT 0,
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
