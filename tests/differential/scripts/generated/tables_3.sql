CREATE TABLE g (c0 numeric, c1 bigint, c2 text);
-- @query
SELECT count(*), min(c0::text), max(c2::text) FROM g;
-- @query
SELECT count(*), min(c0::text), max(c2::text) FROM g;
-- @query
DELETE FROM g WHERE length(c0::text) = 1;
-- @query
SELECT count(*), min(c0::text), max(c2::text) FROM g;
-- @query
INSERT INTO g SELECT '63', '35', n * 9 FROM generate_series(1, 9) AS n;
-- @query
SELECT count(*), min(c0::text), max(c2::text) FROM g;
-- @query
SELECT * FROM g ORDER BY c0::text, c1::text, c2::text;
