-- Writes the time of a session forward, as Joomla does at each of its own requests; never of one
-- that has ended, that is a guest's by now or that was written within the last minute.
UPDATE `#__session`
SET time = :now
WHERE session_id = :session AND userid = :user AND guest = 0
    AND time BETWEEN :alive AND :due
