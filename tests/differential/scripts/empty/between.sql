SELECT 1; ; SELECT 2;
-- @query
; SELECT 1
-- @query
/* only */ ; /* comments */
