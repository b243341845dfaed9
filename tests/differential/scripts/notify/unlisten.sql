LISTEN a; LISTEN b; LISTEN c;
-- @query
UNLISTEN b;
-- @query
NOTIFY a; NOTIFY b; NOTIFY c;
-- @query
UNLISTEN *;
-- @query
NOTIFY a;
-- @query
UNLISTEN never_listened;
