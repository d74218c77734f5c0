AND (publish_up IS NULL OR publish_up <= datetime('now'))
    AND (publish_down IS NULL OR publish_down > datetime('now'))
