BEGIN;
-- @query
SELECT now() = now(), now() = transaction_timestamp();
-- @query
SELECT now() <= clock_timestamp(), statement_timestamp() >= now();
-- @query
COMMIT;
