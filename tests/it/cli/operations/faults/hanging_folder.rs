//! A package folder that hangs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use jbackend_bridge::admin::ready::Readiness;
use jbackend_bridge::packages::{Opening, PackageError, Packages};
use jbackend_bridge::release::package_path::PackagePath;

use super::super::eventually;

/// A file system that does not answer until it is released.
#[derive(Default)]
struct Hanging {
    looks: AtomicUsize,
    goes: Mutex<bool>,
    gone: Condvar,
}

impl Packages for Hanging {
    fn open<'a>(&'a self, _path: &'a PackagePath) -> Opening<'a> {
        Box::pin(std::future::pending())
    }

    fn check(&self) -> Result<(), PackageError> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        let goes = self.goes.lock().unwrap();
        drop(self.gone.wait_while(goes, |goes| !*goes).unwrap());
        Ok(())
    }
}

#[tokio::test]
async fn a_folder_that_hangs_costs_one_thread() {
    let folder = Arc::new(Hanging::default());
    let readiness = Readiness::default();
    let look = async || readiness.look_at(Arc::<Hanging>::clone(&folder)).await;
    for _ in 0..3 {
        let finding = look().await;
        assert_eq!(
            (finding.ok, finding.reason),
            (false, Some("the package folder does not answer".into()))
        );
    }
    assert_eq!(folder.looks.load(Ordering::Relaxed), 1);
    *folder.goes.lock().unwrap() = true;
    folder.gone.notify_all();
    eventually("the folder", async || look().await.ok).await;
}
