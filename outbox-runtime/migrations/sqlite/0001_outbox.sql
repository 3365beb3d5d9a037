-- The log. AUTOINCREMENT: a position is never used twice, also after drained rows are gone.
CREATE TABLE outbox_log (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id       BLOB NOT NULL,
    topic    TEXT NOT NULL,
    key      BLOB,
    headers  BLOB NOT NULL,
    payload  BLOB
) STRICT;
