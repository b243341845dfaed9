DECLARE c CURSOR WITH HOLD FOR SELECT generate_series(1, 6);
-- @query
FETCH 2 FROM c;
-- @query
FETCH 2 FROM c;
-- @query
CLOSE c;
-- @query
FETCH c;
