SELECT point '(1,2)', box '((0,0),(1,1))', circle '<(0,0),5>', lseg '[(0,0),(1,1)]', path '((0,0),(1,1),(2,0))', polygon '((0,0),(1,1),(2,0))', line '{1,2,3}';
-- @query
SELECT point '(1,2)' <-> point '(4,6)', box '((0,0),(2,2))' && box '((1,1),(3,3))', area(circle '<(0,0),1>');
