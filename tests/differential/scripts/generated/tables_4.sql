CREATE TABLE g (c0 text, c1 int, c2 int, c3 numeric);
-- @query
SELECT count(*), min(c0::text), max(c3::text) FROM g;
-- @query
SELECT * FROM g ORDER BY c0::text, c1::text, c2::text, c3::text LIMIT 1;
-- @query
INSERT INTO g SELECT n * 3, n * 5, '75', n * 2 FROM generate_series(1, 37) AS n;
-- @query
BEGIN; DELETE FROM g; SELECT count(*) FROM g; ROLLBACK;
-- @query
SELECT * FROM g ORDER BY c0::text, c1::text, c2::text, c3::text LIMIT 4;
-- @query
BEGIN; DELETE FROM g; SELECT count(*) FROM g; ROLLBACK;
-- @query
SELECT * FROM g ORDER BY c0::text, c1::text, c2::text, c3::text;
