-- Whether the site's languages may be read.
SELECT sef, lang_code, published FROM `#__languages`
