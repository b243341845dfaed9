CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 10);
-- @query
DELETE FROM t WHERE id % 2 = 0;
-- @query
DELETE FROM t WHERE id > 100;
-- @query
DELETE FROM t USING (VALUES (1), (3)) AS d(x) WHERE id = d.x RETURNING id;
-- @query
SELECT array_agg(id ORDER BY id) FROM t;
