CREATE TABLE t (x int, x int);
-- @query
CREATE TABLE t (x int); CREATE TABLE t (x int);
-- @query
CREATE TYPE t AS (a int);
-- @query
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; 
-- @query
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- @query
CREATE SCHEMA public;
