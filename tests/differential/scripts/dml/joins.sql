CREATE TABLE l (id int, v text); CREATE TABLE r (id int, w text);
INSERT INTO l VALUES (1, 'a'), (2, 'b'), (3, 'c'); INSERT INTO r VALUES (2, 'B'), (3, 'C'), (4, 'D');
-- @query
SELECT * FROM l JOIN r USING (id) ORDER BY id;
-- @query
SELECT * FROM l LEFT JOIN r ON l.id = r.id ORDER BY l.id;
-- @query
SELECT * FROM l FULL JOIN r USING (id) ORDER BY id;
-- @query
SELECT l.id FROM l WHERE EXISTS (SELECT FROM r WHERE r.id = l.id) ORDER BY 1;
-- @query
SELECT * FROM l NATURAL JOIN r, LATERAL (SELECT l.id * 2 AS d) AS x ORDER BY id;
