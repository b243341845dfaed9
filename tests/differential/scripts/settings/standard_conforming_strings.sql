SET standard_conforming_strings = off;
-- @query
SELECT 'a\\b';
-- @query
SET escape_string_warning = off;
-- @query
SELECT 'a\\b';
-- @query
SET standard_conforming_strings = on;
-- @query
SELECT 'a\\b';
