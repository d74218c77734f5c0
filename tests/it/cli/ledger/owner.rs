//! Root's commands leave the ledger's files to the ledger's owner.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use super::House;

/// A user without rights of its own, on every system.
const OTHER: u32 = 65534;

#[tokio::test]
async fn files_that_root_makes_belong_to_the_owner_of_the_ledger() {
    let house = House::new();
    let folder = house.folder.path();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    // Only root may give files away: without root there is nothing to look at.
    if chown(folder, Some(OTHER), Some(OTHER)).is_err() {
        return;
    }
    house.json(&["status"]).await;
    let backup = tempfile::TempDir::new().unwrap();
    let file = backup.path().join("monday.db");
    house.json(&["backup", file.to_str().unwrap()]).await;
    assert_eq!(fs::metadata(&file).unwrap().uid(), 0, "the backup is root's");
    // The service has it open, so that the files beside it stay.
    let service = house.file();
    service.execute_batch("BEGIN; SELECT * FROM ledger").unwrap();
    house.json(&["restore", file.to_str().unwrap()]).await;
    house.json(&["confirm"]).await;
    for name in ["bridge.db", "bridge.db-wal", "bridge.db-shm"] {
        let owner = fs::metadata(house.path(name)).unwrap().uid();
        assert_eq!(owner, OTHER, "{name}");
    }
}
