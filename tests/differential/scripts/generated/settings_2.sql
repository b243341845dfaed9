SET LOCAL TimeZone = 'Europe/Paris';
-- @query
COMMIT;
-- @query
RESET work_mem;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day';
-- @query
ROLLBACK;
-- @query
RESET ALL; SELECT 1 / 0; RESET ALL;
-- @query
SHOW work_mem;
-- @query
SET TimeZone = 'Asia/Tokyo';
-- @query
COMMIT; SET TimeZone = 'Asia/Tokyo';
-- @query
SHOW application_name; SET application_name = 'gen'; COMMIT;
-- @query
SET application_name = 'gen';
-- @query
SHOW DateStyle;
-- @query
RESET work_mem; SET LOCAL TimeZone = 'Europe/Paris'; SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day';
-- @query
DISCARD ALL;
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
