SET my.own = 'value';
-- @query
SHOW my.own;
-- @query
SELECT current_setting('my.own');
-- @query
SELECT current_setting('my.other', true) IS NULL;
-- @query
SELECT current_setting('my.other');
-- @query
RESET my.own;
-- @query
SELECT current_setting('my.own');
