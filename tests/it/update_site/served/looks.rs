//! An answer opens no file: a file is checked at most once a second.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use jbackend_bridge::config::sections::Updates;
use jbackend_bridge::packages::folder::Folder;
use jbackend_bridge::packages::{Opening, PackageError, Packages};
use jbackend_bridge::release::catalog::{Catalog, SettingsText};
use jbackend_bridge::release::package_path::PackagePath;
use jbackend_bridge::site::endpoint::{Access, Behaviour, Endpoint, Endpoints, Modules, SiteUrls};
use jbackend_bridge::supervise::Tasks;
use jbackend_bridge::updates::addresses::AddressPlan;
use jbackend_bridge::updates::complete;
use jbackend_bridge::updates::documents::Documents;
use jbackend_bridge::updates::memory::{Memory, Options};
use jbackend_bridge::updates::package_index::PackageIndex;
use jbackend_bridge::updates::publication::Publication;
use jbackend_bridge::updates::rules::UpdateRules;
use tempfile::TempDir;

use super::{PUBLIC, eventually, package};

const LINES: usize = 50;
const ANSWERS: usize = 200;

struct Counting(Folder, AtomicUsize);

impl Packages for Counting {
    fn open<'a>(&'a self, path: &'a PackagePath) -> Opening<'a> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.open(path)
    }

    fn check(&self) -> Result<(), PackageError> {
        self.0.check()
    }
}

#[tokio::test]
async fn many_answers_share_one_look() {
    let place = TempDir::new().unwrap();
    let mut lines = String::new();
    for line in 0..LINES {
        let name = format!("{line}.zip");
        fs::write(place.path().join(&name), package("tool", &format!("1.{line}"), "5")).unwrap();
        writeln!(lines, "tool_{line};/{name}").unwrap();
    }
    let counting =
        Arc::new(Counting(Folder::new(place.path().into(), Vec::new()), AtomicUsize::new(0)));
    let behaviour =
        Behaviour { access: Access::Free, modules: Modules::All, ..Behaviour::default() };
    let endpoint = Endpoint { item: None, path: "packages".into(), language: None, behaviour };
    let text = SettingsText { folder: String::new(), groups: String::new(), packages: lines };
    let shelf = PackageIndex {
        catalog: Catalog::new(&text),
        folder: Arc::<Counting>::clone(&counting),
        endpoints: Endpoints::new(vec![endpoint], Behaviour::default(), SiteUrls::default()),
        rules: Arc::new(UpdateRules::new(&Updates::default()).unwrap()),
        addresses: AddressPlan {
            is_on: true,
            public_url: Some(PUBLIC.parse().unwrap()),
            endpoint: None,
        },
    };
    let memory = Memory::open(Options {
        file: None,
        read_only: false,
        workers: 1,
        progress: Arc::new(()),
        tasks: Tasks::default(),
    });
    let survey = complete(&shelf, &memory.await).await;
    let documents = Documents::new(None, &survey, &Documents::default());
    let document = documents.get("pkg_tool").unwrap();
    assert_eq!(document.listed().len(), LINES);
    let (catalog, publication) = (Arc::new(Catalog::new(&text)), Arc::<Publication>::default());
    let opened = || counting.1.load(Ordering::SeqCst);
    let (before, begun) = (opened(), Instant::now());
    for _ in 0..ANSWERS {
        let standing = document.under(&catalog);
        // The text was made once: an answer renders nothing.
        assert!(standing.is_whole && Arc::ptr_eq(&standing.text, document.whole()));
        document.look(&catalog, &shelf.folder, &publication);
        tokio::task::yield_now().await;
    }
    eventually("a look", async || opened() >= before + LINES).await;
    let looks = 1 + usize::try_from(begun.elapsed().as_secs()).unwrap();
    assert!(opened() <= before + looks * LINES, "{} in {looks} looks", opened() - before);
}
