SHOW server_encoding;
-- @query
SHOW transaction_isolation;
-- @query
SHOW max_identifier_length;
-- @query
SHOW integer_datetimes;
-- @query
SHOW no_such;
-- @query
SHOW SESSION AUTHORIZATION;
-- @query
SELECT name, setting FROM pg_settings WHERE name IN ('port', 'block_size', 'server_encoding') ORDER BY 1;
