PREPARE p (int) AS SELECT relname FROM pg_class WHERE oid = $1;
-- @query
EXECUTE p(1259); EXECUTE p(1259); EXECUTE p(1259); EXECUTE p(1259); EXECUTE p(1259); EXECUTE p(1259); EXECUTE p(1259);
-- @query
SELECT generic_plans, custom_plans FROM pg_prepared_statements;
-- @query
SET plan_cache_mode = force_generic_plan; EXPLAIN (COSTS OFF) EXECUTE p(1259);
