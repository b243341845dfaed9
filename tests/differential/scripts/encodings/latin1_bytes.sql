SET client_encoding = 'LATIN1';
-- @query
SELECT 'הצü', length('הצü');
-- @query
RESET client_encoding;
-- @query
SELECT 'ֳ₪';
