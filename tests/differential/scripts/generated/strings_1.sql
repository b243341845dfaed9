SELECT overlay('' placing 'Beta' from 2), 'x%y_z' || 'x%y_z', position('o''neil' in 'Beta'), '	' LIKE '';
-- @query
SELECT md5('alpha'), upper('alpha'), substr('	', 2), quote_literal('gamma delta');
-- @query
SELECT left('x%y_z', 3), quote_literal('gamma delta'), replace('x%y_z', 'gamma delta', '漢'), translate('alpha', 'x%y_z', 'alpha');
-- @query
SELECT overlay('漢' placing '	' from 2), strpos('', 'gamma delta'), strpos('gamma delta', 'gamma delta'), repeat('', 3);
-- @query
SELECT length(''), quote_literal('x%y_z'), upper('gamma delta'), replace('gamma delta', 'x%y_z', 'Beta');
-- @query
SELECT left('', 3), length('o''neil'), length('o''neil'), length('gamma delta');
-- @query
SELECT position('	' in '漢'), length('x%y_z'), position('x%y_z' in ''), upper('o''neil');
-- @query
SELECT repeat('Beta', 3), reverse('alpha'), left('漢', 3), substr('alpha', 2);
-- @query
SELECT repeat('', 3), '	' || 'Beta', regexp_replace('gamma delta', '漢', 'o''neil'), replace('Beta', 'o''neil', 'alpha');
-- @query
SELECT substr('alpha', 2), '	' < 'x%y_z', quote_literal('	'), replace('gamma delta', 'gamma delta', '	');
