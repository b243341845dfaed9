BEGIN; SELECT set_config('work_mem', '4MB', false);
-- @query
ROLLBACK;
-- @query
SHOW work_mem;
-- @query
BEGIN; SELECT set_config('work_mem', '4MB', true); SHOW work_mem; COMMIT;
-- @query
SHOW work_mem;
