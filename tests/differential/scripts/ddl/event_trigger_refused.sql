CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION suppress_redundant_updates_trigger();
-- @query
CREATE EXTENSION no_such_extension;
-- @query
CREATE LANGUAGE c;
-- @query
ALTER SYSTEM SET work_mem = '1MB';
-- @query
CREATE DATABASE in_a_block; 
-- @query
BEGIN; CREATE DATABASE x; ROLLBACK;
-- @query
ROLLBACK;
