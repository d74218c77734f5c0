-- Which of some user groups have members in a range of ids: how many, and the first and the last.
-- One look at the range of the map's primary key, whatever the number of groups.
SELECT group_id, COUNT(*), MIN(user_id), MAX(user_id)
FROM `#__user_usergroup_map`
WHERE user_id BETWEEN :first AND :last AND group_id IN (#groups#)
GROUP BY group_id
