-- Whether the site's languages may be read.
SELECT sef, published FROM `#__languages`
