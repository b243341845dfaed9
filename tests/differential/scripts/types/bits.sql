SELECT B'1010', X'ff', B'1010'::bit(6), B'10101'::varbit(3), B'1100' & B'1010', length(B'10101');
-- @query
SELECT B'102';
