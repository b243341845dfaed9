SELECT current_user, session_user;
-- @query
SET ROLE clerk;
-- @query
SELECT current_user, session_user;
-- @query
SHOW role;
-- @query
RESET ROLE;
-- @query
SELECT current_user;
-- @query
SET ROLE postgres;
-- @query
SET ROLE no_such_role;
-- @query
SET ROLE NONE;
