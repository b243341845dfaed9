DO $$ DECLARE n int := 0; r record; BEGIN
FOR i IN REVERSE 3..1 LOOP n := n + i; END LOOP;
WHILE n < 10 LOOP n := n + 1; END LOOP;
FOR r IN SELECT g FROM generate_series(1, 3) AS g LOOP n := n + r.g; CONTINUE WHEN r.g = 2; EXIT WHEN n > 14; END LOOP;
FOREACH n IN ARRAY ARRAY[5, 6] LOOP RAISE NOTICE '%', n; END LOOP; END $$;
