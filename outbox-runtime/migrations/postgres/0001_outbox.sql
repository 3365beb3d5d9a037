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
