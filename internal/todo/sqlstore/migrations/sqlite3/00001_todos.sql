-- +goose Up
-- IF NOT EXISTS: two processes that open a new file at once may both come here.
CREATE TABLE IF NOT EXISTS todos (
    id         TEXT    NOT NULL PRIMARY KEY,
    issuer     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    content    TEXT    NOT NULL,
    created_at INTEGER NOT NULL -- milliseconds since 1970, UTC
) STRICT;

-- One index for each listing: one's own todos, and everybody's of an issuer. Both hold the order of the pages, so a
-- page costs the same wherever it starts.
CREATE INDEX IF NOT EXISTS todos_of_owner ON todos (issuer, subject, created_at, id);
CREATE INDEX IF NOT EXISTS todos_of_issuer ON todos (issuer, created_at, id);

-- +goose Down
DROP TABLE todos;
