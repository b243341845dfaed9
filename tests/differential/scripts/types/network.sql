SELECT '192.168.1.5/24'::inet, '10.0.0.0/8'::cidr, '08:00:2b:01:02:03'::macaddr, '::1'::inet, host('10.1.2.3/8'::inet);
-- @query
SELECT '10.1.2.3/8'::cidr;
