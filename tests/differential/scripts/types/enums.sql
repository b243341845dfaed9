CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
-- @query
SELECT 'happy'::mood, 'sad'::mood < 'ok'::mood, enum_range(NULL::mood);
-- @query
SELECT 'angry'::mood;
-- @query
ALTER TYPE mood ADD VALUE 'angry' BEFORE 'sad';
-- @query
SELECT 'angry'::mood, enum_first(NULL::mood);
