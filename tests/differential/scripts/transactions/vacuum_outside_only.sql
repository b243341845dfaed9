CREATE TABLE t (x int);
-- @query
SELECT 1; VACUUM t;
-- @query
BEGIN; SELECT 1; CREATE DATABASE x;
-- @query
END;
