SELECT to_tsvector('simple', 'The quick brown fox'), to_tsquery('simple', 'quick & !slow'), to_tsvector('simple', 'a b') @@ to_tsquery('simple', 'b');
-- @query
SELECT to_tsquery('simple', 'quick &');
