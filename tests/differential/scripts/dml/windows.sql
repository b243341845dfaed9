SELECT x, row_number() OVER (), sum(x) OVER (ORDER BY x), lag(x) OVER w, first_value(x) OVER w FROM generate_series(1, 5) AS x WINDOW w AS (ORDER BY x);
-- @query
SELECT x, rank() OVER (PARTITION BY x % 2 ORDER BY x DESC), ntile(2) OVER (ORDER BY x) FROM generate_series(1, 5) AS x ORDER BY x;
