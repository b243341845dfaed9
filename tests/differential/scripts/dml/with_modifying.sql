CREATE TABLE a (x int); CREATE TABLE b (x int); INSERT INTO a VALUES (1), (2), (3);
-- @query
WITH moved AS (DELETE FROM a WHERE x > 1 RETURNING x) INSERT INTO b SELECT x * 10 FROM moved RETURNING x;
-- @query
SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b);
