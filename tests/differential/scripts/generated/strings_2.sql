SELECT substr('Beta', 2), quote_ident('gamma delta'), replace('', 'Beta', '漢'), reverse('x%y_z');
-- @query
SELECT md5('漢'), overlay('gamma delta' placing '' from 2), '' < '', reverse('o''neil');
-- @query
SELECT 'gamma delta' LIKE '', quote_literal('gamma delta'), 'gamma delta' || 'gamma delta', strpos('alpha', 'o''neil');
-- @query
SELECT replace('alpha', '	', '漢'), '' || '漢', 'alpha' < 'gamma delta', reverse('x%y_z');
-- @query
SELECT reverse('x%y_z'), position('gamma delta' in 'o''neil'), substr('	', 2), '	' LIKE '	';
-- @query
SELECT length('gamma delta'), regexp_replace('x%y_z', '漢', 'gamma delta'), regexp_replace('gamma delta', 'gamma delta', 'x%y_z'), '' || 'alpha';
-- @query
SELECT 'gamma delta' || '', left('gamma delta', 3), position('漢' in 'alpha'), overlay('gamma delta' placing 'o''neil' from 2);
-- @query
SELECT repeat('gamma delta', 3), repeat('alpha', 3), repeat('alpha', 3), repeat('	', 3);
-- @query
SELECT regexp_replace('gamma delta', 'gamma delta', 'alpha'), position('漢' in '	'), overlay('' placing '漢' from 2), left('gamma delta', 3);
-- @query
SELECT 'o''neil' || 'Beta', upper('漢'), md5('gamma delta'), length('o''neil');
