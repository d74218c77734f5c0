//! Which versions are superseded.

use joomla_updates::entry::Entry;
use joomla_updates::select::newest;

use crate::made::entry;

fn versions(entries: Vec<Entry>) -> Vec<String> {
    newest(entries, |entry| entry).0.into_iter().map(|entry| entry.version).collect()
}

#[test]
fn each_group_of_sites_keeps_its_newest() {
    let mut needs_php = entry("2.2.0", "[45]");
    needs_php.php_minimum = Some("8.3".into());
    let mut needs_less = entry("2.1.0", "[45]");
    needs_less.php_minimum = Some("7.4".into());
    let kept = versions(vec![
        entry("1.9.0", "3"),
        entry("1.10.0", "3"),
        entry("2.0.0", "[45]"),
        entry("2.3.0-beta1", "[45]"),
        needs_php,
        needs_less,
        entry("1.8.0", "(3|4)"),
    ]);
    assert_eq!(kept, ["1.10.0", "2.0.0", "2.3.0-beta1", "2.2.0", "2.1.0", "1.8.0"]);
}
