SELECT g, repeat(chr(65 + g % 26), g % 500), g * 1.5 FROM generate_series(1, 2000) AS g;
