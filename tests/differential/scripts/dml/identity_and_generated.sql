CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, w int, h int, area int GENERATED ALWAYS AS (w * h) STORED);
-- @query
INSERT INTO t (w, h) VALUES (2, 3), (4, 5) RETURNING *;
-- @query
INSERT INTO t (id, w) VALUES (7, 1);
-- @query
INSERT INTO t (id, w, h) OVERRIDING SYSTEM VALUE VALUES (7, 1, 1) RETURNING id, area;
-- @query
UPDATE t SET area = 1;
