CREATE FUNCTION sneaky() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('work_mem', '777kB', false); END $$;
-- @query
SELECT sneaky();
-- @query
SHOW work_mem;
-- @query
RESET work_mem;
-- @query
SHOW work_mem;
