CREATE TABLE g (c0 numeric, c1 bigint, c2 bigint, c3 int, c4 text);
-- @query
INSERT INTO g SELECT '22', '2', n * 5, n * 2, '78' FROM generate_series(1, 24) AS n;
-- @query
SELECT count(*), min(c0::text), max(c4::text) FROM g;
-- @query
SELECT count(*), min(c0::text), max(c4::text) FROM g;
-- @query
INSERT INTO g SELECT n * 2, '65', '30', n * 4, '73' FROM generate_series(1, 21) AS n;
-- @query
INSERT INTO g SELECT '31', n * 2, '91', '7', '22' FROM generate_series(1, 38) AS n;
-- @query
BEGIN; DELETE FROM g; SELECT count(*) FROM g; ROLLBACK;
-- @query
SELECT * FROM g ORDER BY c0::text, c1::text, c2::text, c3::text, c4::text;
