CREATE TABLE g (c0 text, c1 int, c2 numeric, c3 text, c4 bigint);
-- @query
SELECT * FROM g ORDER BY c0::text, c1::text, c2::text, c3::text, c4::text LIMIT 4;
-- @query
DELETE FROM g WHERE length(c0::text) = 3;
-- @query
INSERT INTO g SELECT '48', n * 8, '36', '29', '72' FROM generate_series(1, 25) AS n;
-- @query
SELECT count(*), min(c0::text), max(c4::text) FROM g;
-- @query
BEGIN; DELETE FROM g; SELECT count(*) FROM g; ROLLBACK;
-- @query
INSERT INTO g SELECT n * 8, '31', '71', n * 8, '15' FROM generate_series(1, 10) AS n;
-- @query
SELECT * FROM g ORDER BY c0::text, c1::text, c2::text, c3::text, c4::text;
