BEGIN; COMMIT; BEGIN; ROLLBACK; BEGIN; COMMIT; BEGIN; ROLLBACK;
-- @query
BEGIN; COMMIT;
-- @query
BEGIN; COMMIT;
-- @query
BEGIN; ROLLBACK;
-- @query
SELECT txid_current_if_assigned() IS NULL;
