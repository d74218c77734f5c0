//! A name turns into a link to another folder and back while downloads run. No byte of the file
//! outside is ever sent, whichever file an answer began with.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::Site;

/// More than one read of a download.
const LONG: usize = 600 * 1024;
const OUTSIDE: u8 = b'#';

#[test]
fn downloads_never_hold_a_byte_of_what_a_link_leads_to() {
    let site = Site::new();
    let elsewhere = tempfile::TempDir::new().unwrap();
    let secret = elsewhere.path().join("secret.zip");
    fs::write(&secret, vec![OUTSIDE; LONG]).unwrap();
    fs::create_dir_all(site.path("folder")).unwrap();
    fs::create_dir_all(site.path("spare")).unwrap();
    for inside in ["a.zip", "folder/secret.zip"] {
        site.write(inside, &vec![b'.'; LONG]);
    }
    symlink(&secret, site.path("spare/a.zip")).unwrap();
    symlink(elsewhere.path(), site.path("spare/folder")).unwrap();

    let stop = AtomicBool::new(false);
    let (whole, refused) = thread::scope(|scope| {
        for name in ["a.zip", "folder"] {
            let (one, other) = (site.path(name), site.path(&format!("spare/{name}")));
            let stop = &stop;
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    renameat_with(CWD, &one, CWD, &other, RenameFlags::EXCHANGE).unwrap();
                    thread::yield_now();
                }
            });
        }
        let (mut whole, mut refused) = (0, 0);
        for round in 0..600 {
            let name = ["a.zip", "folder/secret.zip"][round % 2];
            let range = [("Range", "bytes=1000-")];
            let headers: &[_] = if round % 3 == 0 { &range } else { &[] };
            let reply = site.request("GET", name, headers);
            assert!(!reply.body.contains(&OUTSIDE), "{name}: {} with the secret", reply.status);
            match reply.status {
                200 | 206 => whole += 1,
                _ => refused += 1,
            }
        }
        stop.store(true, Ordering::Relaxed);
        (whole, refused)
    });
    assert!(whole > 0 && refused > 0, "the race was run: {whole} sent, {refused} refused");
}
