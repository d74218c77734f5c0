-- Menu items can have dates since Joomla 4.
SELECT publish_up, publish_down FROM `#__menu`
