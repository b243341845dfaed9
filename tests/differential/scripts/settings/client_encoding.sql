SET client_encoding = 'LATIN1';
-- @query
SHOW client_encoding;
-- @query
SELECT 'abc', convert_to('ä', 'UTF8');
-- @query
SET NAMES 'UTF8';
-- @query
SHOW client_encoding;
-- @query
SET client_encoding = 'no_such';
-- @query
SET client_encoding TO DEFAULT;
-- @query
SHOW client_encoding;
