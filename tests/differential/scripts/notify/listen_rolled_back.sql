BEGIN; LISTEN x; NOTIFY x, 'inside'; ROLLBACK;
-- @query
NOTIFY x;
-- @query
BEGIN; LISTEN x; NOTIFY x, 'inside'; COMMIT;
-- @query
NOTIFY x, 'outside';
