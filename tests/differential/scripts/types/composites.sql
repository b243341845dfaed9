CREATE TYPE pair AS (a int, b text);
CREATE TABLE holder (p pair);
-- @query
INSERT INTO holder VALUES (ROW(1, 'x')), (ROW(NULL, 'it''s, "quoted"')), (NULL);
-- @query
SELECT p, (p).a, (p).b FROM holder;
-- @query
SELECT ROW(1, NULL, 'a b'), ROW(), (ROW(1,2)).f1;
