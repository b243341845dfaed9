CREATE TABLE t (x int);
CREATE PROCEDURE steps() LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..4 LOOP INSERT INTO t VALUES (i); IF i % 2 = 0 THEN COMMIT; ELSE ROLLBACK; END IF; END LOOP; END $$;
-- @query
CALL steps();
-- @query
SELECT array_agg(x) FROM t;
-- @query
BEGIN; CALL steps();
-- @query
ROLLBACK;
-- @query
DO $$ BEGIN INSERT INTO t VALUES (9); COMMIT; RAISE NOTICE 'committed'; PERFORM 1 / 0; END $$;
-- @query
SELECT array_agg(x) FROM t;
