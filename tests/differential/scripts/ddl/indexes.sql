CREATE TABLE t (a int, b text); INSERT INTO t SELECT g, g::text FROM generate_series(1, 100) AS g;
-- @query
CREATE INDEX ON t (a);
-- @query
CREATE UNIQUE INDEX t_b ON t (b) WHERE a > 50;
-- @query
CREATE INDEX CONCURRENTLY later ON t (lower(b));
-- @query
INSERT INTO t VALUES (60, '60');
-- @query
REINDEX INDEX t_b;
-- @query
DROP INDEX t_b; DROP INDEX CONCURRENTLY later;
-- @query
SELECT indexdef FROM pg_indexes WHERE tablename = 't' ORDER BY 1;
