SELECT '1/16B3748'::pg_lsn, '10:20:10,14'::pg_snapshot, 'pg_class'::regclass, 'int4'::regtype, 'now'::regproc;
-- @query
SELECT 'no_such_table'::regclass;
-- @query
SELECT to_regclass('no_such_table'), to_regtype('text'), 'pg_catalog'::regnamespace;
