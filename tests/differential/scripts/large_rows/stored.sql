CREATE TABLE t (v text); INSERT INTO t SELECT string_agg(md5(g::text), '') FROM generate_series(1, 10000) AS g;
-- @query
SELECT v FROM t;
-- @query
SELECT length(v), md5(v) FROM t; UPDATE t SET v = v || v; SELECT length(v) FROM t;
