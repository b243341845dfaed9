CREATE TABLE IF NOT EXISTS t (x int);
-- @query
CREATE TABLE IF NOT EXISTS t (x int);
-- @query
DROP TABLE IF EXISTS nothing, more_nothing;
-- @query
CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int REFERENCES a);
-- @query
DROP TABLE a CASCADE;
-- @query
SELECT 1 AS "a_name_that_is_longer_than_the_sixty_three_bytes_that_postgresql_keeps_of_it";
