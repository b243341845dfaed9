-- @query
-- @query
;
-- @query
   
-- @query
;;;
-- @query
-- just a comment
-- @query
/* another */
-- @query
SELECT 1
