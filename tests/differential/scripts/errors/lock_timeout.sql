SET lock_timeout = '10s';
-- @query
CREATE TABLE t (x int);
-- @query
BEGIN; LOCK TABLE t; COMMIT;
-- @query
SHOW lock_timeout;
