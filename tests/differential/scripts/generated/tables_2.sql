CREATE TABLE g (c0 bigint, c1 numeric, c2 int, c3 int, c4 bigint);
-- @query
SELECT * FROM g ORDER BY c0::text, c1::text, c2::text, c3::text, c4::text LIMIT 3;
-- @query
BEGIN; DELETE FROM g; SELECT count(*) FROM g; ROLLBACK;
-- @query
DELETE FROM g WHERE length(c0::text) = 1;
-- @query
INSERT INTO g SELECT '33', '19', n * 3, '94', n * 1 FROM generate_series(1, 1) AS n;
-- @query
INSERT INTO g SELECT '63', n * 8, '33', n * 5, '17' FROM generate_series(1, 21) AS n;
-- @query
DELETE FROM g WHERE length(c0::text) = 2;
-- @query
SELECT * FROM g ORDER BY c0::text, c1::text, c2::text, c3::text, c4::text;
