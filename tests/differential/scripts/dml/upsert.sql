CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 1);
-- @query
INSERT INTO t (id) VALUES (1), (2);
-- @query
INSERT INTO t (id) VALUES (1) ON CONFLICT DO NOTHING;
-- @query
INSERT INTO t (id) VALUES (1), (3) ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n RETURNING *;
-- @query
INSERT INTO t (id) VALUES (1) ON CONFLICT (n) DO NOTHING;
-- @query
INSERT INTO t (id) VALUES (9), (9) ON CONFLICT (id) DO UPDATE SET n = 0;
