BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY;
-- @query
COMMIT AND CHAIN;
-- @query
SHOW transaction_isolation;
-- @query
SHOW transaction_read_only;
-- @query
ROLLBACK AND CHAIN;
-- @query
SHOW transaction_isolation;
-- @query
ROLLBACK;
-- @query
SHOW transaction_isolation;
