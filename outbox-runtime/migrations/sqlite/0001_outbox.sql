-- The log. AUTOINCREMENT: a position is never used twice, also after drained rows are gone.
CREATE TABLE outbox_log (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id       BLOB NOT NULL,
    topic    TEXT NOT NULL,
    key      BLOB,
    headers  BLOB NOT NULL,
    payload  BLOB
) STRICT;

-- Where the relay stands, and who it is: one row. Everything at or below `position` is settled. `lease_until` is in seconds
-- since 1970 by the database's clock; it says when another may take over, epoch and owner say who may write. `log` names
-- this log for ever. `sink_transaction` is set while the log is relayed exactly once: the sink's transaction that the cursor
-- was written for, which counts only once the sink has committed it.
CREATE TABLE outbox_cursor (
    one         INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    epoch       INTEGER NOT NULL DEFAULT 0,
    owner       BLOB,
    lease_until REAL    NOT NULL DEFAULT 0,
    position    INTEGER NOT NULL DEFAULT 0,
    log         BLOB    NOT NULL DEFAULT (randomblob(16)),
    sink_transaction INTEGER
) STRICT;

INSERT INTO outbox_cursor DEFAULT VALUES;

-- Records that wait beside the log: `failed` can never be sent, `auto` follows one that is unfinished. Only the relay
-- that owns the log writes rows; an operator sets `mark`: `retry` on a failed row, `skip` on any. A row
-- with `retry` that is `auto` is being tried again. `sink_transaction` is that of the cursor when the row was written.
CREATE TABLE outbox_parked (
    position  INTEGER PRIMARY KEY,
    state     TEXT NOT NULL CHECK (state IN ('failed', 'auto')),
    mark      TEXT CHECK (mark IN ('retry', 'skip')),
    cause     TEXT NOT NULL,
    parked_at REAL NOT NULL DEFAULT (unixepoch('subsec')),
    id        BLOB NOT NULL,
    topic     TEXT NOT NULL,
    key       BLOB,
    headers   BLOB NOT NULL,
    payload   BLOB,
    sink_transaction INTEGER
) STRICT;

CREATE INDEX outbox_parked_mark ON outbox_parked (position) WHERE mark IS NOT NULL;

-- The audit of skipped records. "Skipped" means given up by an operator: an earlier copy may have been sent all the same.
CREATE TABLE outbox_skipped (
    position   INTEGER NOT NULL,
    id         BLOB NOT NULL,
    state      TEXT NOT NULL,
    cause      TEXT NOT NULL,
    parked_at  REAL NOT NULL,
    skipped_at REAL NOT NULL DEFAULT (unixepoch('subsec')),
    topic      TEXT NOT NULL,
    key        BLOB,
    headers    BLOB NOT NULL,
    payload    BLOB,
    PRIMARY KEY (position, id)
) STRICT;

-- Events that are due later, in seconds since 1970 by the database's clock. The relay moves them into the log.
CREATE TABLE outbox_delayed (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    due     REAL NOT NULL,
    id      BLOB NOT NULL,
    topic   TEXT NOT NULL,
    key     BLOB,
    headers BLOB NOT NULL,
    payload BLOB
) STRICT;

CREATE INDEX outbox_delayed_due ON outbox_delayed (due, place);
