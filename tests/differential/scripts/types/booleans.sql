SELECT true, false, NULL::boolean, 'yes'::boolean, 'off'::boolean, true AND NULL, false AND NULL, NOT NULL::boolean;
-- @query
SELECT 'perhaps'::boolean;
-- @query
SELECT bool_and(b), bool_or(b), every(b) FROM (VALUES (true), (false)) AS v(b);
