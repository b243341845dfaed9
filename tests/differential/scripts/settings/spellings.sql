SET Work_Mem TO 4096;
-- @query
SHOW "work_mem";
-- @query
SET SESSION work_mem = '8192kB';
-- @query
SHOW WORK_MEM;
-- @query
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
-- @query
SET enable_seqscan TO 'off', 'on';
-- @query
set/* comment */work_mem/* another */=/* third */'1MB'; show work_mem;
-- @query
SET enable_seqscan = of;
-- @query
SHOW enable_seqscan;
