SET default_transaction_read_only = on;
-- @query
CREATE TABLE t (x int);
-- @query
BEGIN READ WRITE; CREATE TABLE t (x int); COMMIT;
-- @query
RESET default_transaction_read_only;
-- @query
INSERT INTO t VALUES (1);
