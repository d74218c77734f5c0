-- Where the ids of the accounts end, so that a sample can be spread over them.
SELECT MAX(id)
FROM `#__users`
