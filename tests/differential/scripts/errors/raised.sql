DO $$ BEGIN RAISE EXCEPTION 'plain'; END $$;
-- @query
DO $$ BEGIN RAISE EXCEPTION 'with % and %', 1, 'x' USING ERRCODE = 'P9999', DETAIL = 'the detail', HINT = 'the hint', COLUMN = 'col', CONSTRAINT = 'con', DATATYPE = 'typ', TABLE = 'tab', SCHEMA = 'sch'; END $$;
-- @query
DO $$ BEGIN RAISE division_by_zero; END $$;
-- @query
DO $$ BEGIN RAISE SQLSTATE '22012' USING MESSAGE = 'mine'; END $$;
