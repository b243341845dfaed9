LISTEN "Odd Name";
-- @query
SELECT pg_notify('Odd Name', 'hello');
-- @query
SELECT pg_notify('Odd Name', repeat('x', 7999));
-- @query
SELECT pg_notify('Odd Name', repeat('x', 8000));
-- @query
SELECT pg_notify('', 'x');
-- @query
SELECT pg_listening_channels();
