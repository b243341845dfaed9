SELECT 'bad ÿ byte';
-- @query
SELECT 'cut æ¼';
-- @query
SELECT 'after';
