CREATE TABLE t (id int, v int); INSERT INTO t SELECT g, g * g FROM generate_series(1, 5) AS g;
-- @query
UPDATE t SET v = v + 1 WHERE id > 3;
-- @query
UPDATE t SET v = 0 WHERE id = 99;
-- @query
UPDATE t SET (id, v) = (id + 10, 7) WHERE id = 1 RETURNING *;
-- @query
UPDATE t SET v = o.v FROM t AS o WHERE o.id = t.id + 1;
-- @query
SELECT * FROM t ORDER BY id;
