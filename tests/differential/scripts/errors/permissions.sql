SELECT * FROM pg_authid;
-- @query
CREATE TABLE pg_catalog.t (x int);
-- @query
SELECT pg_read_file('/etc/passwd');
-- @query
DROP TABLE pg_class;
-- @query
SET ROLE postgres;
-- @query
ALTER ROLE postgres RENAME TO somebody;
-- @query
COPY pg_am TO '/tmp/nothing';
-- @query
COPY pg_am TO PROGRAM 'cat';
