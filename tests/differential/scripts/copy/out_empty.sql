CREATE TABLE t (a int);
-- @query
COPY t TO STDOUT;
-- @query
COPY t TO STDOUT (FORMAT csv, HEADER);
-- @query
COPY t TO STDOUT (FORMAT binary);
-- @query
CREATE TABLE nothing ();
COPY nothing TO STDOUT;
