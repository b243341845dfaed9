SELECT substr('漢', 2), 'gamma delta' || 'gamma delta', substr('漢', 2), repeat('alpha', 3);
-- @query
SELECT reverse('alpha'), regexp_replace('x%y_z', 'Beta', 'gamma delta'), position('' in 'o''neil'), '漢' < 'Beta';
-- @query
SELECT quote_ident('x%y_z'), 'alpha' LIKE 'o''neil', position('x%y_z' in ''), 'Beta' < '	';
-- @query
SELECT repeat('o''neil', 3), quote_ident('Beta'), repeat('o''neil', 3), '' < '漢';
-- @query
SELECT overlay('x%y_z' placing '' from 2), '	' LIKE '	', strpos('x%y_z', ''), replace('alpha', '漢', 'Beta');
-- @query
SELECT overlay('' placing 'o''neil' from 2), upper('gamma delta'), substr('Beta', 2), position('	' in '	');
-- @query
SELECT length(''), left('', 3), overlay('	' placing 'Beta' from 2), 'x%y_z' < '漢';
-- @query
SELECT overlay('	' placing 'alpha' from 2), left('	', 3), '' LIKE 'o''neil', replace('gamma delta', '漢', 'x%y_z');
-- @query
SELECT overlay('alpha' placing 'x%y_z' from 2), position('' in '	'), 'o''neil' < 'gamma delta', '	' || 'alpha';
-- @query
SELECT replace('', 'x%y_z', ''), reverse('漢'), length('	'), upper('');
