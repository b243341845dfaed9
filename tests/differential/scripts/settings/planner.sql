SET enable_hashjoin = off; SET enable_mergejoin = off; SET random_page_cost = 1.1;
-- @query
SHOW enable_hashjoin; SHOW random_page_cost;
-- @query
EXPLAIN (COSTS OFF) SELECT * FROM (VALUES (1), (2)) AS a(x) JOIN (VALUES (1), (2)) AS b(x) USING (x);
-- @query
RESET enable_hashjoin; RESET enable_mergejoin; RESET random_page_cost;
-- @query
EXPLAIN (COSTS OFF) SELECT * FROM (VALUES (1), (2)) AS a(x) JOIN (VALUES (1), (2)) AS b(x) USING (x);
