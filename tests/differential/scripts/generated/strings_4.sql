SELECT length('gamma delta'), regexp_replace('alpha', 'Beta', '漢'), overlay('漢' placing '' from 2), position('o''neil' in 'x%y_z');
-- @query
SELECT substr('alpha', 2), strpos('alpha', 'gamma delta'), upper('o''neil'), upper('o''neil');
-- @query
SELECT repeat('gamma delta', 3), length(''), position('x%y_z' in 'gamma delta'), left('Beta', 3);
-- @query
SELECT md5('Beta'), reverse('Beta'), overlay('	' placing 'Beta' from 2), 'o''neil' < '	';
-- @query
SELECT translate('	', 'x%y_z', ''), md5('漢'), 'gamma delta' LIKE '	', regexp_replace('o''neil', 'gamma delta', 'gamma delta');
-- @query
SELECT replace('alpha', 'alpha', 'Beta'), md5('alpha'), quote_ident(''), '	' < '漢';
-- @query
SELECT translate('x%y_z', '漢', 'Beta'), upper('alpha'), md5('alpha'), translate('漢', '	', '');
-- @query
SELECT left('gamma delta', 3), substr('o''neil', 2), md5('alpha'), 'x%y_z' LIKE '漢';
-- @query
SELECT overlay('gamma delta' placing 'alpha' from 2), repeat('Beta', 3), quote_literal('	'), translate('alpha', '	', 'Beta');
-- @query
SELECT reverse('	'), upper('漢'), 'o''neil' || 'Beta', reverse('gamma delta');
