SET statement_timeout = 5000;
-- @query
SHOW statement_timeout;
-- @query
SET statement_timeout = '1min';
-- @query
SHOW statement_timeout;
-- @query
SELECT 1;
-- @query
SET statement_timeout = 0;
