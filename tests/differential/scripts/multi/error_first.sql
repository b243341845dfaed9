SELECT 1 / 0; SELECT 2;
-- @query
SELECT 3;
