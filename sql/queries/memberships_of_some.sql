-- The direct groups of the accounts `u`: beyond this number of rows each account is asked alone.
LEFT JOIN `#__user_usergroup_map` m ON m.user_id = u.id
LIMIT 2001
