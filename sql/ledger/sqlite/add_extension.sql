INSERT INTO extensions (type, element, client, folder, owner_group)
VALUES (:type, :element, :client, :folder, :owner_group)
ON CONFLICT DO NOTHING
