BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT 10 / (3 - x) FROM generate_series(1, 5) AS x; FETCH 1 FROM c;
-- @query
COMMIT;
-- @query
FETCH c;
