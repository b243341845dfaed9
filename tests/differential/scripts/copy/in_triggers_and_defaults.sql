CREATE TABLE t (id serial, v text DEFAULT 'dflt', n int);
CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'row %', NEW.n; RETURN NEW; END $$;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION loud();
-- @query
COPY t (n) FROM STDIN;
-- @copy
10
20
-- @query
SELECT * FROM t ORDER BY n;
