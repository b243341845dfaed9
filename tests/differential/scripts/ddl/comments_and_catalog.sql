CREATE TABLE t (x int); COMMENT ON TABLE t IS 'it''s a table'; COMMENT ON COLUMN t.x IS NULL;
-- @query
SELECT obj_description('t'::regclass), col_description('t'::regclass, 1);
-- @query
SELECT attname, atttypid::regtype, attnum FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0;
-- @query
SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public';
