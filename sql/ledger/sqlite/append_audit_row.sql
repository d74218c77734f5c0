INSERT INTO audit (number, at, actor, what, before, after, hmac)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
