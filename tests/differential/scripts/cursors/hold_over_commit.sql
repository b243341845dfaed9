BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT generate_series(1, 6); FETCH 1 FROM c; COMMIT;
-- @query
FETCH 1 FROM c;
-- @query
SELECT name, is_holdable FROM pg_cursors;
-- @query
CLOSE ALL;
-- @query
SELECT count(*) FROM pg_cursors;
