SELECT repeat('x', 1000000);
-- @query
SELECT 'after';
