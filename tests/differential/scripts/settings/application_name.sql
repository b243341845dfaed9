SET application_name = 'mine';
-- @query
SHOW application_name;
-- @query
SELECT current_setting('application_name');
-- @query
SET application_name = 'ümläut';
-- @query
SHOW application_name;
-- @query
RESET application_name;
-- @query
SHOW application_name;
