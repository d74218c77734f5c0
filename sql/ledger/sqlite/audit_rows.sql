SELECT number, at, actor, what, before, after, hmac FROM audit WHERE at >= ?1 ORDER BY number
