SHOW work_mem;
-- @query
SET work_mem = '9MB';
-- @query
SHOW work_mem;
-- @query
RESET work_mem;
-- @query
SHOW work_mem;
-- @query
SET work_mem TO DEFAULT;
-- @query
SET work_mem = 'nonsense';
-- @query
SET work_mem = -5;
