SET client_encoding = 'SQL_ASCII';
-- @query
SELECT 'ä', length('ä');
-- @query
SELECT U&'\6f22';
