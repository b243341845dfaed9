SELECT length('gamma delta'), replace('	', '	', '漢'), length('gamma delta'), length('');
-- @query
SELECT md5('x%y_z'), 'alpha' LIKE 'x%y_z', replace('', 'x%y_z', 'o''neil'), translate('漢', 'o''neil', '	');
-- @query
SELECT repeat('漢', 3), md5('o''neil'), md5('o''neil'), substr('x%y_z', 2);
-- @query
SELECT repeat('x%y_z', 3), upper('x%y_z'), length('Beta'), '	' LIKE 'x%y_z';
-- @query
SELECT left('o''neil', 3), left('漢', 3), reverse('Beta'), translate('Beta', 'o''neil', '');
-- @query
SELECT strpos('o''neil', 'o''neil'), left('o''neil', 3), substr('gamma delta', 2), '' < 'Beta';
-- @query
SELECT '漢' LIKE 'x%y_z', strpos('	', 'Beta'), '' || 'Beta', repeat('alpha', 3);
-- @query
SELECT quote_literal('	'), strpos('Beta', 'alpha'), replace('', '漢', 'gamma delta'), regexp_replace('alpha', '', '');
-- @query
SELECT translate('alpha', 'alpha', 'gamma delta'), length(''), reverse('漢'), md5('alpha');
-- @query
SELECT substr('	', 2), upper('Beta'), quote_ident('漢'), reverse('gamma delta');
