SELECT 1,
       2,
       nothing
FROM pg_class;
-- @query
SELECT 'ä', nothing;
-- @query
SELECT 1; SELECT nothing; SELECT 3;
-- @query
SELECT * FROM pg_class WHERE
