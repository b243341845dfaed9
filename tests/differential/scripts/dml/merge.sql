CREATE TABLE stock (id int PRIMARY KEY, n int); INSERT INTO stock VALUES (1, 10), (2, 20);
CREATE TABLE delivery (id int, n int); INSERT INTO delivery VALUES (1, 5), (3, 7);
-- @query
MERGE INTO stock AS s USING delivery AS d ON s.id = d.id
WHEN MATCHED THEN UPDATE SET n = s.n + d.n
WHEN NOT MATCHED THEN INSERT VALUES (d.id, d.n);
-- @query
SELECT * FROM stock ORDER BY id;
