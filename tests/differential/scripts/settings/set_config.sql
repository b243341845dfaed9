SELECT set_config('work_mem', '2MB', false);
-- @query
SHOW work_mem;
-- @query
SELECT set_config('work_mem', '3MB', true);
-- @query
SHOW work_mem;
-- @query
SELECT set_config('no_such', 'x', false);
-- @query
SELECT set_config('my.own', 'x', false), current_setting('my.own');
-- @query
SELECT current_setting('my.own');
