BEGIN; DECLARE c ASENSITIVE CURSOR FOR SELECT 10 / (3 - x) FROM generate_series(1, 5) AS x; FETCH 2 FROM c;
-- @query
FETCH 1 FROM c;
-- @query
FETCH 1 FROM c;
-- @query
COMMIT;
