SELECT '	' LIKE 'gamma delta', translate('o''neil', 'gamma delta', 'alpha'), 'x%y_z' < 'Beta', reverse('漢');
-- @query
SELECT position('漢' in 'alpha'), position('' in 'Beta'), translate('gamma delta', '漢', 'alpha'), upper('alpha');
-- @query
SELECT left('漢', 3), translate('x%y_z', '漢', 'gamma delta'), quote_literal('	'), '漢' < 'x%y_z';
-- @query
SELECT overlay('漢' placing 'Beta' from 2), '漢' || '漢', '' LIKE '	', length('Beta');
-- @query
SELECT length('漢'), md5('x%y_z'), quote_literal('Beta'), 'o''neil' < 'Beta';
-- @query
SELECT replace('Beta', 'o''neil', 'o''neil'), reverse('o''neil'), strpos('	', 'o''neil'), left('	', 3);
-- @query
SELECT substr('Beta', 2), quote_literal('	'), quote_ident('alpha'), '	' || '漢';
-- @query
SELECT length('x%y_z'), upper('Beta'), translate('漢', 'o''neil', '漢'), 'o''neil' || '	';
-- @query
SELECT overlay('o''neil' placing '	' from 2), overlay('Beta' placing 'o''neil' from 2), md5('Beta'), strpos('gamma delta', 'x%y_z');
-- @query
SELECT quote_ident(''), reverse('x%y_z'), reverse('x%y_z'), md5('x%y_z');
