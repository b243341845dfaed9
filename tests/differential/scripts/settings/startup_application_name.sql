-- @startup application_name my program
SHOW application_name;
-- @query
SELECT current_setting('application_name');
-- @query
SET application_name = 'other';
-- @query
SHOW application_name;
