CREATE TABLE t (id int PRIMARY KEY, v text DEFAULT 'default');
-- @query
INSERT INTO t VALUES (1, 'a'), (2, 'b');
-- @query
INSERT INTO t (id) VALUES (3) RETURNING *;
-- @query
INSERT INTO t DEFAULT VALUES;
-- @query
INSERT INTO t SELECT g, 'g' || g FROM generate_series(10, 14) AS g;
-- @query
SELECT * FROM t ORDER BY id;
