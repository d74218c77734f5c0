-- The character set of the column that API keys are looked up in; no row where there is no key.
SELECT CHARSET(`key`)
FROM `#__jbackend_keys`
LIMIT 1
