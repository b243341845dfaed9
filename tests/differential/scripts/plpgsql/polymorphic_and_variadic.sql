CREATE FUNCTION largest(VARIADIC v numeric[]) RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT max(x) FROM unnest(v) AS x); END $$;
CREATE FUNCTION same(anyelement) RETURNS anyelement LANGUAGE plpgsql AS $$ BEGIN RETURN $1; END $$;
-- @query
SELECT largest(1, 5, 3), largest(VARIADIC ARRAY[2, 9]), same(1), same('x'::text), same(ARRAY[1]);
-- @query
SELECT same(NULL);
