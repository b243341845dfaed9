BEGIN; DECLARE c BINARY CURSOR FOR SELECT 1::int, 'x'::text, true, 1.5::float8; FETCH c; COMMIT;
