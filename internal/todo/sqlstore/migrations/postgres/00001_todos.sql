-- +goose Up
-- COLLATE "C" compares by bytes, as SQLite does: the order of the pages must not depend on the database's locale.
CREATE TABLE todos (
    id         TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    issuer     TEXT   COLLATE "C" NOT NULL,
    subject    TEXT   COLLATE "C" NOT NULL,
    content    TEXT   COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL -- milliseconds since 1970, UTC
);

-- One index for each listing: one's own todos, and everybody's of an issuer. Both hold the order of the pages, so a
-- page costs the same wherever it starts.
CREATE INDEX todos_of_owner ON todos (issuer, subject, created_at, id);
CREATE INDEX todos_of_issuer ON todos (issuer, created_at, id);

-- +goose Down
DROP TABLE todos;
