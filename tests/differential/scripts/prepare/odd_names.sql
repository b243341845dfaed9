PREPARE "with space" AS SELECT 1; EXECUTE "with space";
-- @query
PREPARE "quote""inside" AS SELECT 2; EXECUTE "quote""inside";
-- @query
PREPARE "größe" AS SELECT 3; EXECUTE "größe";
-- @query
PREPARE all_of_a_name_that_is_longer_than_sixty_three_bytes_as_postgresql_cuts_it AS SELECT 4; EXECUTE all_of_a_name_that_is_longer_than_sixty_three_bytes_as_postgresql_cuts_it;
-- @query
DEALLOCATE "with space";
-- @query
DEALLOCATE "all";
