AND (publish_up IS NULL OR publish_up <= UTC_TIMESTAMP())
    AND (publish_down IS NULL OR publish_down > UTC_TIMESTAMP())
