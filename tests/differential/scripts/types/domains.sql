CREATE DOMAIN positive AS int CHECK (VALUE > 0);
-- @query
SELECT 5::positive;
-- @query
SELECT -5::positive, (-5)::positive;
-- @query
CREATE TABLE t (p positive NOT NULL);
INSERT INTO t VALUES (3);
SELECT p FROM t;
-- @query
INSERT INTO t VALUES (0);
