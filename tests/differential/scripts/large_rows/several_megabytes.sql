SELECT repeat('abcdefgh', 500000), 1;
-- @query
SELECT 'after';
