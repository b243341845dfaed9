SELECT 'abc'::text, 'abc'::char(5), 'abc'::varchar(2), 'abc'::"char", 'abc'::name, ''::text;
-- @query
SELECT length('äöü'), octet_length('äöü'), upper('straße'), reverse('abc'), 'a' || 'b' || NULL;
-- @query
SELECT E'tab\there', E'new\nline', U&'\0441\043B\043E\043D', $$dollar 'quoted'$$, $tag$ $$ $tag$;
-- @query
SELECT format('%s %I %L', 'x', 'My Col', 'it''s'), lpad('7', 3, '0'), split_part('a,b,c', ',', 2);
