SELEC 1;
-- @query
SELECT 1 +;
-- @query
SELECT 'open;
-- @query
SELECT "open;
-- @query
SELECT $$open;
-- @query
/* open SELECT 1;
-- @query
SELECT 1 FROM;
-- @query
();
-- @query
CREATE TABLE;
