CREATE TABLE t (x int);
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('rows', NEW.x::text); RETURN NEW; END $$;
CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION tell();
-- @query
LISTEN rows;
-- @query
INSERT INTO t VALUES (1), (2), (1);
-- @query
INSERT INTO t VALUES (3); SELECT 1 / 0;
-- @query
SELECT 'end';
