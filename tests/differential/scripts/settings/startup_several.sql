-- @startup client_encoding UTF8
-- @startup extra_float_digits 2
-- @startup IntervalStyle iso_8601
-- @startup DateStyle ISO, DMY
SHOW extra_float_digits; SHOW IntervalStyle; SHOW DateStyle; SHOW client_encoding;
-- @query
SELECT interval '1 day', date '01-02-2024';
