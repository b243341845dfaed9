SELECT x FROM generate_series(1, 100) AS x ORDER BY x DESC FETCH FIRST 3 ROWS ONLY;
-- @query
SELECT x / 2 AS h FROM generate_series(1, 6) AS x ORDER BY h FETCH FIRST 1 ROW WITH TIES;
-- @query
SELECT x FROM generate_series(1, 3) AS x LIMIT -1;
-- @query
SELECT DISTINCT ON (x / 2) x FROM generate_series(1, 6) AS x ORDER BY x / 2, x DESC;
