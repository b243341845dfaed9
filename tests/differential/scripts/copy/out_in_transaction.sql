BEGIN;
-- @query
COPY (SELECT 1) TO STDOUT;
-- @query
COPY (SELECT 1 / 0) TO STDOUT;
-- @query
COPY (SELECT 2) TO STDOUT;
-- @query
ROLLBACK;
