CREATE TABLE g (c0 numeric, c1 text, c2 numeric, c3 int, c4 text);
-- @query
SELECT count(*), min(c0::text), max(c4::text) FROM g;
-- @query
INSERT INTO g SELECT '1', '69', n * 5, n * 5, '92' FROM generate_series(1, 6) AS n;
-- @query
SELECT count(*), min(c0::text), max(c4::text) FROM g;
-- @query
INSERT INTO g SELECT n * 2, n * 4, '25', n * 2, n * 8 FROM generate_series(1, 1) AS n;
-- @query
SELECT * FROM g ORDER BY c0::text, c1::text, c2::text, c3::text, c4::text LIMIT 5;
-- @query
INSERT INTO g SELECT '94', n * 9, n * 6, n * 5, n * 2 FROM generate_series(1, 20) AS n;
-- @query
SELECT * FROM g ORDER BY c0::text, c1::text, c2::text, c3::text, c4::text;
