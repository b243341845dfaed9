PREPARE p (int) AS SELECT g FROM generate_series(1, $1) AS g WHERE g > 1;
-- @query
EXPLAIN (COSTS OFF) EXECUTE p(3);
-- @query
CREATE TABLE made AS EXECUTE p(4);
-- @query
SELECT g FROM made;
-- @query
SELECT name, parameter_types, from_sql FROM pg_prepared_statements;
