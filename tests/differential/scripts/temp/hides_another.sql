CREATE TABLE t (x text); INSERT INTO t VALUES ('permanent');
-- @query
CREATE TEMPORARY TABLE t (x text); INSERT INTO t VALUES ('temporary');
-- @query
SELECT x FROM t;
-- @query
SELECT x FROM public.t;
-- @query
DISCARD TEMP;
-- @query
SELECT x FROM t;
