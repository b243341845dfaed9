CREATE TABLE t (x int);
-- @query
PREPARE ins (int) AS INSERT INTO t VALUES ($1) RETURNING x;
-- @query
EXECUTE ins(1); EXECUTE ins(2);
-- @query
PREPARE upd (int) AS UPDATE t SET x = x + $1;
-- @query
EXECUTE upd(10);
-- @query
PREPARE bad AS CREATE TABLE u (x int);
-- @query
SELECT x FROM t ORDER BY x;
