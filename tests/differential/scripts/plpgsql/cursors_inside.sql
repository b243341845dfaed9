DO $$ DECLARE c CURSOR (n int) FOR SELECT generate_series(1, n); x int; BEGIN OPEN c(3); LOOP FETCH c INTO x; EXIT WHEN NOT FOUND; RAISE NOTICE '%', x; END LOOP; CLOSE c; END $$;
-- @query
CREATE FUNCTION opened() RETURNS refcursor LANGUAGE plpgsql AS $$ DECLARE r refcursor := 'mine'; BEGIN OPEN r FOR SELECT 1 AS x UNION SELECT 2 ORDER BY 1; RETURN r; END $$;
-- @query
BEGIN; SELECT opened();
-- @query
FETCH ALL FROM mine; COMMIT;
-- @query
FETCH ALL FROM mine;
