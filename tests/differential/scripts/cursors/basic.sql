BEGIN;
-- @query
DECLARE c CURSOR FOR SELECT generate_series(1, 10) AS x;
-- @query
FETCH c;
-- @query
FETCH 3 FROM c;
-- @query
MOVE 2 IN c;
-- @query
FETCH FORWARD ALL FROM c;
-- @query
FETCH c;
-- @query
CLOSE c;
-- @query
FETCH c;
-- @query
COMMIT;
