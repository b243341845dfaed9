SET server_version = '1';
-- @query
SET max_connections = 5;
-- @query
SET log_connections = on;
-- @query
SET session_preload_libraries = 'x';
-- @query
SET is_superuser = on;
-- @query
SET wal_level = minimal;
-- @query
SET log_statement = 'all';
