CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, c int CONSTRAINT positive CHECK (c > 0)); INSERT INTO t VALUES (1, 1, 1);
-- @query
INSERT INTO t VALUES (1, 1, 1);
-- @query
INSERT INTO t VALUES (2, NULL, 1);
-- @query
INSERT INTO t VALUES (2, 1, -1);
-- @query
CREATE TABLE u (t int REFERENCES t);
-- @query
INSERT INTO u VALUES (99);
