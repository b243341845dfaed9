SELECT ';', $$;$$, $x$;$$;$x$, "column;name" FROM (SELECT 1 AS "column;name") AS s; SELECT E'\';', U&'\003b';
-- @query
SELECT 'it''s;'; -- comment ';
SELECT 2; /* nested /* comment; */ ; */ SELECT 3;
