SELECT ARRAY[1,2,3], '{}'::int[], ARRAY[[1,2],[3,4]], '{a,NULL,"NULL","with \"quote\""}'::text[], '[2:3]={7,8}'::int[];
-- @query
SELECT ARRAY[1,2] || 3, array_length(ARRAY[1,2], 1), (ARRAY[1,2,3])[2:3], unnest(ARRAY['x','y']), 2 = ANY (ARRAY[1,2]);
-- @query
SELECT ARRAY[1,'a'];
