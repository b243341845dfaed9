SELECT (SELECT generate_series(1, 2));
-- @query
SELECT ROW(1, 2) = ROW(1, 2, 3);
-- @query
SELECT 1 = ANY ((SELECT ARRAY[1, 2]));
-- @query
INSERT INTO pg_am VALUES (1);
-- @query
VALUES (1, 2), (3);
