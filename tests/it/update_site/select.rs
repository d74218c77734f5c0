//! No site is offered another version if superseded entries are left out.

use joomla_updates::entry::Entry;
use joomla_updates::select::newest;
use joomla_updates::xml::updates;
use proptest::prelude::*;

use super::entry;
use super::joomla::{Site, find};

fn any_entry() -> impl Strategy<Value = Entry> {
    (
        prop::sample::select(vec!["1.1", "1.2-beta1", "1.2", "2.0-dev", "2.0"]),
        prop::sample::select(vec!["[45]", "5"]),
        prop::option::of(prop::sample::select(vec!["7.4", "8.1", "8.3"])),
        any::<bool>(),
    )
        .prop_map(|(version, platform, php, databases)| {
            let mut made = entry(version, platform);
            made.php_minimum = php.map(str::to_owned);
            if databases {
                made.supported_databases = [("mariadb".to_owned(), "10.4".to_owned())].into();
            }
            made
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_site_is_offered_another_version(
        entries in prop::collection::vec(any_entry(), 2..5),
        joomla in prop::sample::select(vec!["4.4.0", "5.3.2"]),
        php in prop::sample::select(vec!["7.3.0", "8.0.1", "8.2.35", "8.4.1"]),
        mariadb in prop::sample::select(vec!["10.3.1", "10.11.19"]),
        stability in prop::sample::select(vec!["stable", "beta", "dev"]),
        installed in prop::sample::select(vec!["0.9", "1.1"]),
    ) {
        let site = Site { php, mariadb, stability, ..Site::with(joomla, installed) };
        let offered = |entries: &[Entry]| find(&site, &updates(entries)).offered;
        let all = offered(&entries);
        let (kept, _) = newest(entries, |entry| entry);
        prop_assert_eq!(offered(&kept), all);
    }
}
