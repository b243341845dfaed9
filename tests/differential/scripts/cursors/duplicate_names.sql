BEGIN; DECLARE c CURSOR FOR SELECT 1; DECLARE c CURSOR FOR SELECT 2;
-- @query
ROLLBACK;
-- @query
BEGIN; DECLARE "Odd name; with 'quotes'" CURSOR FOR SELECT 1; FETCH "Odd name; with 'quotes'"; COMMIT;
