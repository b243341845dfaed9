SET client_encoding = 'LATIN1';
-- @query
SELECT U&'\00e4\00f6\00fc';
-- @query
SELECT U&'\20ac';
-- @query
SELECT 'after';
-- @query
SELECT chr(228), ascii(chr(228));
