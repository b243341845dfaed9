SELECT 'ü' + 1;
-- @query
SELECT "größe";
-- @query
DO $$ BEGIN RAISE EXCEPTION 'Ärger mit € und 漢字'; END $$;
