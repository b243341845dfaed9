CREATE TABLE t (x int); GRANT SELECT ON t TO clerk; REVOKE ALL ON t FROM PUBLIC;
-- @query
SELECT has_table_privilege('clerk', 't', 'SELECT'), has_table_privilege('clerk', 't', 'INSERT');
-- @query
GRANT SELECT ON t TO no_such_role;
-- @query
GRANT nonsense ON t TO clerk;
-- @query
CREATE ROLE other;
