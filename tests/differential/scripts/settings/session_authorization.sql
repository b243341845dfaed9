SELECT session_user;
-- @query
SET SESSION AUTHORIZATION app;
-- @query
SET SESSION AUTHORIZATION postgres;
-- @query
SET SESSION AUTHORIZATION DEFAULT;
-- @query
SELECT session_user, current_user;
