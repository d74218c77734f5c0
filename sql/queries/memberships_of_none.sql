-- The accounts `u` alone, in the shape of those with their groups.
LEFT JOIN (SELECT NULL AS group_id) m ON 1 = 0
