CREATE FUNCTION numbers(n int) RETURNS SETOF int LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..n LOOP RETURN NEXT i; END LOOP; END $$;
CREATE FUNCTION pairs() RETURNS TABLE (a int, b text) LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT 1, 'x'::text UNION ALL SELECT 2, 'y'; END $$;
-- @query
SELECT * FROM numbers(4);
-- @query
SELECT numbers(2), pairs();
-- @query
SELECT (pairs()).*;
-- @query
CREATE FUNCTION bad() RETURNS TABLE (a int) LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT 'text'; END $$;
-- @query
SELECT * FROM bad();
