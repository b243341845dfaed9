SELECT '漢字', '😀', U&'\+01F600', length('😀'), 'é' = U&'e\0301', normalize(U&'e\0301') = 'é';
-- @query
CREATE TABLE "größe" ("straße" text); INSERT INTO "größe" VALUES ('ß'); SELECT "straße" FROM "größe";
-- @query
SELECT initcap('ÉCOLE été'), 'ä' < 'b', convert('ä', 'UTF8', 'LATIN1');
