SELECT ((12 / 2) + (9 + 17));
-- @query
SELECT (((5 + 0) * (6 - 20)) * ((19 * 16) - (15 * 17)));
-- @query
SELECT (((9 % 9) % (13 % 14)) - ((8 + 14) * (20 / 4)));
-- @query
SELECT ((6 / 11) / (10 % 10));
-- @query
SELECT (7 * 19);
-- @query
SELECT ((5 * 1) * (9 * 9));
-- @query
SELECT (((NULL / 19) + (6 / 8)) / ((5 * 11) + (11 * NULL)));
-- @query
SELECT (6 / NULL);
-- @query
SELECT (1 - 4);
-- @query
SELECT (18 - 1);
-- @query
SELECT (9 / 6);
-- @query
SELECT ((((14 / 7) / (20 / 15)) - ((8 * 6) - (8 - 10))) % (((18 / NULL) + (2 / 18)) - ((15 * 16) - (8 * NULL))));
