//! No change of files makes an XML offer a site a lower version than before. Joomla reads the XML
//! again when the administrator presses Update, and installs its version even over a higher one.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use jbackend_bridge::config::values::Versions;
use php_compat::version_compare::version_compare;
use testkit::fixture::Schema;

use super::{PUBLIC, eventually, listed, replace, site};
use crate::cli::updates::{package, put};
use crate::common::site::{Server, Site};
use crate::fallback::upstream::Upstream;
use crate::update_site::{archive, joomla};

const TOOL: &str = "/packages/updates/pkg_tool.xml";
const COLLECTION: &str = "/packages/updates/collection.xml";
const LINES: usize = 4;
const EVENTS: usize = 80;

/// The versions that sites were offered: by the XML, Joomla, PHP and stability.
type Floor = BTreeMap<(&'static str, &'static str, &'static str, &'static str), String>;

fn tool(version: &str, joomla: &str, php: &str) -> Vec<u8> {
    let php =
        if php.is_empty() { String::new() } else { format!("<php_minimum>{php}</php_minimum>") };
    let manifest = format!(
        "<extension type=\"package\"><name>Tool</name><packagename>tool</packagename>\
         <version>{version}</version><targetplatform name=\"joomla\" version=\"{joomla}\"/>{php}\
         </extension>"
    );
    archive(&[("pkg_tool.xml", &manifest)])
}

fn stocked(mut site: Site, versions: Versions) -> Site {
    let mut lines = vec!["mark;/mark.zip".to_owned()];
    for line in 0..LINES {
        put(&site, &format!("{line}.zip"), &tool(&format!("1.{line}"), "[345]", ""));
        lines.push(format!("tool_{line};/{line}.zip"));
    }
    put(&site, "mark.zip", &package("mark", "1", "[345]"));
    site.config.release.folder = Some("files".into());
    site.config.release.groups = Some(Vec::new());
    site.config.release.packages = Some(lines);
    site.config.updates.versions = versions;
    site.config.updates.checksum_file = Some(site.folder.path().join("checksums"));
    site
}

/// Reads both XML. A site may be offered nothing, but never a lower version.
async fn look(server: &Server, floor: &mut Floor, may_wait: &mut bool, told: &str) {
    for target in [TOOL, COLLECTION] {
        let reply = server.get(target).await;
        if reply.status == 503 {
            assert!(*may_wait, "{told}: it has a memory");
            assert_ne!(reply.header("retry-after"), "");
            return;
        }
        let known = floor.keys().any(|key| key.0 == target);
        assert!(reply.status == 200 || !known, "{told}: {} for {target}", reply.status);
        let text = reply.text();
        for joomla in ["3.10.11", "4.4.0", "5.3.2"] {
            for php in ["7.4.33", "8.2.35"] {
                for stability in ["stable", "beta"] {
                    let installed = ("pkg_tool", "package", "", 0, "0.1".to_owned());
                    let site = joomla::Site {
                        php,
                        stability,
                        installed,
                        ..joomla::Site::with(joomla, "")
                    };
                    let found = if target == TOOL {
                        joomla::find(&site, &text)
                    } else {
                        let mine = |line: &&str| {
                            !line.contains("<extension ") || line.contains("\"pkg_tool\"")
                        };
                        let mine: String = text.lines().filter(mine).collect();
                        joomla::find_in_collection(&site, &mine)
                    };
                    let Some(new) = found.offered else { continue };
                    let old = floor.entry((target, joomla, php, stability)).or_insert(new.clone());
                    assert_ne!(
                        version_compare(&new, old),
                        Ordering::Less,
                        "{told}: Joomla {joomla}, PHP {php}, {stability}: {new} after {old} in {text}"
                    );
                    *old = new;
                }
            }
        }
    }
    *may_wait = false;
}

/// Waits until all earlier changes were read: files are read one after the other.
async fn settle(server: &Server, mark: &mut u32) {
    *mark += 1;
    replace(&server.site, "mark.zip", &package("mark", &mark.to_string(), "[345]"));
    listed(server, "/packages/updates/pkg_mark.xml", &mark.to_string()).await;
}

/// A sequence of numbers that is the same in each run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }
}

fn any_tool(dice: &mut Dice) -> Vec<u8> {
    let suffix = ["", "", "", "-beta1"][dice.below(4)];
    let version = format!("1.{}{suffix}", dice.below(30));
    let joomla = ["[345]", "[45]", "5", "[34]"][dice.below(4)];
    tool(&version, joomla, ["", "", "8.1"][dice.below(3)])
}

async fn never_lower(versions: Versions, seed: u64) {
    let mut server = stocked(site(Schema::Sqlite).await, versions).serve().await;
    let (mut dice, mut floor, mut mark) = (Dice(seed), Floor::new(), 1);
    let (mut may_wait, mut history) = (true, String::new());
    eventually("a beginning", async || server.get(COLLECTION).await.status == 200).await;
    for _ in 0..EVENTS {
        let name = format!("{}.zip", dice.below(LINES));
        let path = server.site.packages().join(&name);
        let kept = server.site.folder.path().join(format!("kept_{name}"));
        let event = dice.below(12);
        write!(history, " {event}:{name}").unwrap();
        match event {
            0..=3 => replace(&server.site, &name, &any_tool(&mut dice)),
            4 => drop(fs::rename(&path, &kept)),
            5 => drop(fs::rename(&kept, &path)),
            6 => drop(fs::write(&path, b"")),
            7 => drop(fs::write(&path, any_tool(&mut dice))),
            8 => replace(&server.site, &name, b"PK broken"),
            9 => replace(&server.site, &name, &package("other", "9.9", "[345]")),
            10 => server = server.again(dice.one_in(2)).await,
            _ => {
                let file = server.site.config.updates.checksum_file.clone().unwrap();
                if dice.one_in(3) {
                    server = server.again(true).await;
                    let damaged = "{\"jbackend-bridge\":\"checksums\",\"format\":2}\nx";
                    fs::write(&file, ["", damaged][dice.below(2)]).unwrap();
                    server = server.again(false).await;
                    // The service has no record of its earlier offers.
                    (floor, may_wait) = (Floor::new(), true);
                }
            }
        }
        look(&server, &mut floor, &mut may_wait, &history).await;
        if dice.one_in(3) {
            settle(&server, &mut mark).await;
        }
        look(&server, &mut floor, &mut may_wait, &history).await;
    }
    for line in 0..LINES {
        replace(&server.site, &format!("{line}.zip"), &tool("2.0", "[345]", ""));
    }
    listed(&server, TOOL, "2.0").await;
    settle(&server, &mut mark).await;
    look(&server, &mut floor, &mut may_wait, &history).await;
    assert_eq!(floor.len(), 24, "each site, by both XML: {floor:?}");
    server.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_site_is_offered_a_lower_version() {
    never_lower(Versions::All, 0x9e37_79b9_7f4a_7c15).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_site_is_offered_a_lower_version_where_only_the_newest_is_listed() {
    never_lower(Versions::Newest, 0xd1b5_4a32_d192_ed03).await;
}

/// The first request already gets all stored entries, also for a file that is gone. Entries of
/// another site are not used.
#[tokio::test]
async fn a_start_with_memory_answers_at_once_and_one_without_waits() {
    let upstream = Upstream::start().await;
    let mut site = stocked(site(Schema::Sqlite).await, Versions::All);
    site.config.fallback.upstream = Some(format!("http://{}", upstream.address).parse().unwrap());
    site.config.fallback.shadow = vec!["validate".into()];
    let server = site.serve().await;
    let before = listed(&server, TOOL, "1.3").await.text();
    fs::remove_file(server.site.packages().join("3.zip")).unwrap();
    let server = server.again(false).await;
    let reply = server.get(TOOL).await;
    assert_eq!((reply.status, reply.text()), (200, before.clone()));
    let mut server = server.again(true).await;
    assert_eq!(server.get(TOOL).await.text(), before);
    // The same file of entries is used for another site.
    upstream.take();
    server.site.config.server.public_url = Some(PUBLIC.replace("www", "shop"));
    let server = server.again(true).await;
    let first = server.get(TOOL).await;
    assert!(first.status == 503 || !first.text().contains("<version>1.3<"), "{}", first.text());
    let after = listed(&server, TOOL, "1.2").await.text();
    assert!(!after.contains("<version>1.3<") && after.contains("https://shop."), "{after}");
    assert!(upstream.take().is_empty(), "such an XML is never the site's behind the bridge");
    server.stopped().await;
}
