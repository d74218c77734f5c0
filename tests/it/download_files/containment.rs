//! No path and no symbolic link leaves the package folder, whatever changes meanwhile.

use std::{
    fs,
    io::Read,
    os::unix::{
        fs::{PermissionsExt, symlink},
        net::UnixListener,
    },
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jbackend_bridge::{
    packages::{PackageError, Packages, folder::Folder},
    release::package_path::PackagePath,
};
use rustix::fs::{CWD, RenameFlags};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// `root/packages` is the package folder, `root/shared` an allowed root, `root/secret` neither.
struct Tree(TempDir);

impl Tree {
    fn new() -> Self {
        let tree = Self(TempDir::new().unwrap());
        for folder in ["packages/sub/deep", "packages2", "shared", "secret"] {
            fs::create_dir_all(tree.at(folder)).unwrap();
        }
        for file in [
            "packages/a.zip",
            "packages/sub/deep/b.zip",
            "packages2/evil.zip",
            "shared/c.zip",
            "secret/d.zip",
        ] {
            fs::write(tree.at(file), file).unwrap();
        }
        tree
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn link(&self, target: impl AsRef<Path>, path: &str) {
        symlink(target, self.at("packages").join(path)).unwrap();
    }

    /// Opens a path by each of the two proofs of containment, which must agree.
    fn open(&self, path: &str) -> String {
        let (root, allowed) = (self.at("packages"), vec![self.at("missing"), self.at("shared")]);
        let first = outcome(&Folder::new(root.clone(), allowed.clone()), path);
        let second = outcome(&Folder::without_openat2(root, allowed), path);
        assert_eq!(first, second, "{path}");
        first
    }
}

#[test]
fn opens_what_is_inside() {
    let tree = Tree::new();
    assert_eq!(tree.open("a.zip"), "packages/a.zip");
    assert_eq!(tree.open("/a.zip"), "packages/a.zip");
    assert_eq!(tree.open("//sub/.//deep/b.zip"), "packages/sub/deep/b.zip");
}

#[test]
fn follows_links_that_stay_inside() {
    let tree = Tree::new();
    tree.link("sub/deep/b.zip", "relative.zip");
    tree.link("../../a.zip", "sub/deep/up.zip");
    tree.link("../packages/a.zip", "around.zip");
    tree.link(tree.at("packages/a.zip"), "absolute.zip");
    tree.link("sub", "folder");
    tree.link("absolute.zip", "twice.zip");
    assert_eq!(tree.open("relative.zip"), "packages/sub/deep/b.zip");
    assert_eq!(tree.open("sub/deep/up.zip"), "packages/a.zip");
    assert_eq!(tree.open("around.zip"), "packages/a.zip");
    assert_eq!(tree.open("absolute.zip"), "packages/a.zip");
    assert_eq!(tree.open("folder/deep/b.zip"), "packages/sub/deep/b.zip");
    assert_eq!(tree.open("twice.zip"), "packages/a.zip");
}

#[test]
fn refuses_links_that_lead_outside() {
    let tree = Tree::new();
    tree.link(tree.at("secret/d.zip"), "absolute.zip");
    tree.link("../secret/d.zip", "relative.zip");
    tree.link("../secret", "folder");
    tree.link("../packages2", "neighbour");
    tree.link("/etc/passwd", "passwd");
    tree.link("/", "everything");
    tree.link("relative.zip", "twice.zip");
    tree.link("/proc/self/root/etc/passwd", "magic");
    for path in [
        "absolute.zip",
        "relative.zip",
        "folder/d.zip",
        "neighbour/evil.zip",
        "passwd",
        "everything/etc/passwd",
        "twice.zip",
        "folder",
    ] {
        assert_eq!(tree.open(path), "Outside", "{path}");
    }
    let roots = (tree.at("packages"), Vec::new());
    for folder in
        [Folder::new(roots.0.clone(), roots.1.clone()), Folder::without_openat2(roots.0, roots.1)]
    {
        let said = outcome(&folder, "magic");
        assert!(said == "Outside" || said == "Unreadable", "{said}");
    }
}

#[test]
fn follows_links_into_an_allowed_root() {
    let tree = Tree::new();
    tree.link(tree.at("shared/c.zip"), "absolute.zip");
    tree.link("../shared", "folder");
    assert_eq!(tree.open("absolute.zip"), "shared/c.zip");
    assert_eq!(tree.open("folder/c.zip"), "shared/c.zip");
    symlink("../secret/d.zip", tree.at("shared/onward.zip")).unwrap();
    assert_eq!(tree.open("folder/onward.zip"), "Outside");
    let closed = Folder::new(tree.at("packages"), Vec::new());
    assert_eq!(outcome(&closed, "absolute.zip"), "Outside");
    assert_eq!(outcome(&closed, "folder/c.zip"), "Outside");
}

#[test]
fn the_folder_may_be_anywhere() {
    let tree = Tree::new();
    symlink("packages", tree.at("current")).unwrap();
    for root in [tree.at("current"), tree.at("secret/../packages")] {
        for folder in [
            Folder::new(root.clone(), Vec::new()),
            Folder::without_openat2(root.clone(), Vec::new()),
        ] {
            assert!(folder.check().is_ok());
            assert_eq!(outcome(&folder, "a.zip"), "packages/a.zip");
        }
    }
    let folder = Folder::new(tree.at("current"), Vec::new());
    fs::remove_file(tree.at("current")).unwrap();
    symlink("shared", tree.at("current")).unwrap();
    assert_eq!(outcome(&folder, "c.zip"), "shared/c.zip");
}

#[test]
fn the_whole_disk_as_folder_contains_everything() {
    let tree = Tree::new();
    tree.link(tree.at("secret/d.zip"), "absolute.zip");
    let path = tree.at("packages/absolute.zip");
    for folder in
        [Folder::new("/".into(), Vec::new()), Folder::without_openat2("/".into(), Vec::new())]
    {
        assert_eq!(outcome(&folder, path.to_str().unwrap()), "secret/d.zip");
    }
}

#[test]
fn a_folder_that_is_missing_or_a_file_is_reported() {
    let tree = Tree::new();
    for root in [tree.at("missing"), tree.at("packages/a.zip")] {
        let folder = Folder::new(root.clone(), Vec::new());
        let said = folder.check().unwrap_err().to_string();
        assert!(said.contains(root.to_str().unwrap()), "{said}");
        assert_eq!(outcome(&folder, "a.zip"), "NoFolder");
    }
}

#[test]
fn what_is_missing_is_not_found() {
    let tree = Tree::new();
    tree.link("nowhere.zip", "dangling.zip");
    let long = "x".repeat(300);
    let very_long = "x/".repeat(4000) + "x";
    for path in
        ["missing.zip", "missing/a.zip", "a.zip/b.zip", "A.zip", "dangling.zip", &long, &very_long]
    {
        assert_eq!(tree.open(path), "NotFound", "{path}");
    }
    fs::remove_file(tree.at("packages/a.zip")).unwrap();
    assert_eq!(tree.open("a.zip"), "NotFound");
}

#[test]
fn only_regular_files_are_opened_and_none_blocks() {
    let tree = Tree::new();
    rustix::fs::mkfifoat(CWD, tree.at("packages/fifo"), 0o644.into()).unwrap();
    let _socket = UnixListener::bind(tree.at("packages/socket")).unwrap();
    let (done, end) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for path in ["fifo", "socket", "sub"] {
            assert_eq!(tree.open(path), "NotRegular", "{path}");
        }
        let devices = Folder::new("/dev".into(), Vec::new());
        assert_eq!(outcome(&devices, "null"), "NotRegular");
        let devices = Folder::without_openat2("/dev".into(), Vec::new());
        assert_eq!(outcome(&devices, "zero"), "NotRegular");
        done.send(()).unwrap();
    });
    end.recv_timeout(Duration::from_mins(1)).expect("all are refused, and none blocks");
}

#[test]
fn a_loop_of_links_ends() {
    let tree = Tree::new();
    tree.link("b", "a");
    tree.link("a", "b");
    assert_eq!(tree.open("a"), "Unreadable");
}

#[test]
fn a_file_without_rights_is_unreadable() {
    let tree = Tree::new();
    let locked = fs::Permissions::from_mode(0o0);
    fs::set_permissions(tree.at("packages/a.zip"), locked).unwrap();
    // The superuser may read it nevertheless.
    let expected =
        if fs::read(tree.at("packages/a.zip")).is_ok() { "packages/a.zip" } else { "Unreadable" };
    assert_eq!(tree.open("a.zip"), expected);
}

#[test]
fn a_folder_swapped_for_a_link_meanwhile_never_leaks() {
    let tree = Tree::new();
    fs::create_dir(tree.at("packages/swap")).unwrap();
    fs::write(tree.at("packages/swap/d.zip"), "inside").unwrap();
    symlink("../secret", tree.at("packages/sub/link")).unwrap();
    let (one, other) = (tree.at("packages/swap"), tree.at("packages/sub/link"));
    for folder in [
        Folder::new(tree.at("packages"), Vec::new()),
        Folder::without_openat2(tree.at("packages"), Vec::new()),
    ] {
        let stop = AtomicBool::new(false);
        let seen = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    rustix::fs::renameat_with(CWD, &one, CWD, &other, RenameFlags::EXCHANGE)
                        .unwrap();
                }
            });
            let runtime = Runtime::new().unwrap();
            let seen: Vec<String> =
                (0..3000).map(|_| outcome_in(&runtime, &folder, "swap/d.zip")).collect();
            stop.store(true, Ordering::Relaxed);
            seen
        });
        let count = |what: &str| seen.iter().filter(|seen| *seen == what).count();
        assert_eq!(count("secret/d.zip"), 0);
        assert!(count("inside") > 0, "the race was run");
        assert!(count("Outside") > 0, "the race was run");
    }
}

/// Returns the content of the file, or the name of the error.
fn outcome(folder: &Folder, path: &str) -> String {
    outcome_in(&Runtime::new().unwrap(), folder, path)
}

fn outcome_in(runtime: &Runtime, folder: &Folder, path: &str) -> String {
    let path = PackagePath::parse(path).unwrap();
    match runtime.block_on(folder.open(&path)) {
        Ok(file) => {
            let mut content = String::new();
            file.file().read_to_string(&mut content).unwrap();
            content
        }
        Err(error) => match error {
            PackageError::NotFound { .. } => "NotFound",
            PackageError::Outside { .. } => "Outside",
            PackageError::NotRegular { .. } => "NotRegular",
            PackageError::Unreadable { .. } => "Unreadable",
            PackageError::NoFolder { .. } => "NoFolder",
            PackageError::Unsigned { .. } => "Unsigned",
            PackageError::Storage { .. } => "Storage",
        }
        .to_owned(),
    }
}
