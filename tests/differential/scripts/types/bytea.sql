SELECT '\xdeadbeef'::bytea, E'\\000\\001'::bytea, ''::bytea, decode('aGVsbG8=', 'base64');
-- @query
SET bytea_output = 'escape';
-- @query
SELECT '\xdeadbeef00'::bytea, 'abc\\'::bytea, encode('\x00ff', 'hex');
