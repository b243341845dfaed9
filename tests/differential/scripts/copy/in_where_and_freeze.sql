CREATE TABLE t (a int);
-- @query
COPY t FROM STDIN WHERE a > 1;
-- @copy
1
2
3
-- @query
BEGIN; CREATE TABLE f (a int); COPY f FROM STDIN (FREEZE);
-- @copy
7
-- @query
COMMIT;
-- @query
SELECT (SELECT count(*) FROM t), (SELECT sum(a) FROM f);
