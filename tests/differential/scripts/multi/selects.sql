SELECT 1; SELECT 2; SELECT 3;
-- @query
SELECT 1;;; SELECT 2;
-- @query
SELECT 1 /* comment; with semicolon */; SELECT 2 -- and; another
; SELECT 3
