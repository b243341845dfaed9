UPDATE pg_settings SET setting = '1024' WHERE name = 'work_mem';
-- @query
SHOW work_mem;
-- @query
RESET work_mem;
