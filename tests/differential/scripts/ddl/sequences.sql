CREATE SEQUENCE s START 5 INCREMENT 5 MAXVALUE 15 CYCLE;
-- @query
SELECT nextval('s'), nextval('s'), nextval('s'), nextval('s'), currval('s'), lastval();
-- @query
SELECT setval('s', 10), nextval('s'); ALTER SEQUENCE s RESTART; SELECT nextval('s');
-- @query
SELECT nextval('no_such_sequence');
