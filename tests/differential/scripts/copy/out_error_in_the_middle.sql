COPY (SELECT 10 / (5 - g) FROM generate_series(1, 10) AS g) TO STDOUT;
-- @query
SELECT 'after';
-- @query
COPY no_such_table TO STDOUT;
-- @query
COPY (SELECT 1) TO STDOUT (FORMAT nonsense);
-- @query
COPY (INSERT INTO no_such_table VALUES (1)) TO STDOUT;
