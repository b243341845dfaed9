-- @startup client_encoding LATIN1
SHOW client_encoding;
-- @query
SELECT U&'\00e4';
-- @query
SET client_encoding = 'UTF8';
-- @query
SELECT U&'\00e4';
