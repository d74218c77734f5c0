SELECT number, at, actor, what, before, after, hmac FROM audit ORDER BY number DESC LIMIT 1
