-- A ledger as version 1 of its schema had it, with two articles; for PostgreSQL, BLOB reads BYTEA.

CREATE TABLE item (
    id TEXT NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL, gone BOOLEAN NOT NULL, title TEXT NOT NULL,
    gist TEXT NOT NULL, slug TEXT NOT NULL, published BIGINT NOT NULL, updated BIGINT NOT NULL,
    hash TEXT NOT NULL, body BLOB NOT NULL, given BLOB,
    PRIMARY KEY (id), UNIQUE (slug)
);
CREATE INDEX ix_item_source ON item (source);
CREATE TABLE key (
    value TEXT NOT NULL, id TEXT NOT NULL, kind SMALLINT NOT NULL, PRIMARY KEY (value, id)
);
CREATE INDEX ix_key_id ON key (id);
CREATE TABLE member (
    path TEXT NOT NULL, id TEXT NOT NULL, published BIGINT NOT NULL, position BIGINT NOT NULL,
    PRIMARY KEY (path, id)
);
CREATE INDEX member_id ON member (id);
CREATE INDEX member_order ON member (path, published, position);
CREATE TABLE mention (
    source TEXT NOT NULL, id TEXT NOT NULL, tags BLOB NOT NULL, PRIMARY KEY (source, id)
);
CREATE INDEX ix_mention_id ON mention (id);
CREATE TABLE tombstone (
    path TEXT NOT NULL, id TEXT NOT NULL, moment BIGINT NOT NULL, PRIMARY KEY (path, id)
);
CREATE INDEX ix_tombstone_id ON tombstone (id);
CREATE TABLE memo (
    kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key)
);

INSERT INTO item VALUES (
    'urn:uuid:59a0b375-8d3b-5579-adbc-20627660a17e', 'article', 'a.txt', FALSE, 'Zebra crossing',
    '3480108edf46f26c', 'zebra-crossing', 1767355200, 1767355200, 'f4c4f9ce99d4d556b335a269f74f432a',
    CAST('{"title":"Zebra crossing","link":null,"id":null,"slug":null,"published":null,"updated":null,"authors":[],"tags":["storage"],"summary":"Stripes.","content":null,"language":null,"image":null,"hidden":false,"place":null,"publisher":"Meta","minutes":null}' AS BLOB),
    NULL
), (
    'urn:uuid:9df3d961-0d85-5d6d-a176-7e90bd8d37c2', 'article', 'a.txt', FALSE, 'ant hill',
    'e7a6d1f65a1b1fee', 'ant-hill', 1767355140, 1767355140, 'b5864bf751f4f768f58a3412069a8ce6',
    CAST('{"title":"ant hill","link":null,"id":null,"slug":null,"published":null,"updated":null,"authors":[],"tags":["storage"],"summary":"Ants.","content":null,"language":null,"image":null,"hidden":false,"place":null,"publisher":"Meta","minutes":null}' AS BLOB),
    NULL
);
INSERT INTO key VALUES
    ('articles meta title:zebra crossing', 'urn:uuid:59a0b375-8d3b-5579-adbc-20627660a17e', 3),
    ('articles meta title:ant hill', 'urn:uuid:9df3d961-0d85-5d6d-a176-7e90bd8d37c2', 3);
INSERT INTO member VALUES
    ('all', 'urn:uuid:59a0b375-8d3b-5579-adbc-20627660a17e', 1767355200, 0),
    ('topics/storage', 'urn:uuid:59a0b375-8d3b-5579-adbc-20627660a17e', 1767355200, 0),
    ('all', 'urn:uuid:9df3d961-0d85-5d6d-a176-7e90bd8d37c2', 1767355140, 1),
    ('topics/storage', 'urn:uuid:9df3d961-0d85-5d6d-a176-7e90bd8d37c2', 1767355140, 1);
INSERT INTO memo VALUES
    ('schema', 'version', CAST('1' AS BLOB)),
    ('clock', 'last', CAST('"2026-01-02T12:00:00Z"' AS BLOB));
