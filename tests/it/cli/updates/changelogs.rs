//! Changelogs: their output, and their faults.

use testkit::fixture::Schema;

use super::{PUBLIC_URL, all, put, put_recorded, run, updates};
use crate::common::site::Site;

const WITH_FOLDER: &str = "\n[updates]\nchangelogs = \"changes\"\n";

#[tokio::test]
async fn what_is_wrong_with_a_changelog_is_told_with_its_line() {
    let site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    let toml = format!("{PUBLIC_URL}{WITH_FOLDER}");
    let no_folder = run(updates(&site, &toml, &[])).await;
    put(&site, "changes/pkg_redj.md", b"## 1.9.0\n### Speed\n- faster\n## Soon\n- more\n");
    let table = run(updates(&site, &toml, &[])).await;
    let changelog = run(updates(&site, &toml, &["changelogs/pkg_redj.xml"])).await;
    put(&site, "changes/pkg_redj.md", b"## 1.9.0\n- caf\xe9\n");
    let latin = run(updates(&site, &toml, &[])).await;
    put(&site, "changes/pkg_redj.md", &vec![b'x'; 1024 * 1024 + 1]);
    let large = run(updates(&site, &toml, &[])).await;
    let texts = [&no_folder, &table, &changelog, &latin, &large].map(|run| all(&site, run));
    insta::assert_snapshot!(texts.join("\n---\n"));
}

#[tokio::test]
async fn a_folder_of_changelogs_above_the_packages_is_refused() {
    let site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    let toml = format!("{PUBLIC_URL}\n[updates]\nchangelogs = \"../changes\"\n");
    let run = run(updates(&site, &toml, &[])).await;
    insta::assert_snapshot!(all(&site, &run));
}

/// A file in Joomla's own form is served unchanged, if that is possible.
#[tokio::test]
async fn a_written_changelog_is_served_as_it_is_or_told() {
    let site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    let toml = format!("{PUBLIC_URL}{WITH_FOLDER}");
    let entry = |element: &str| {
        format!(
            "<changelogs>\n<changelog><element>{element}</element><type>package</type>\
             <version>1.9.0</version>\n<fix><item>a &amp; <![CDATA[<b>b</b>]]></item></fix></changelog>\n\
             </changelogs>\n"
        )
    };
    put(&site, "changes/pkg_redj.md", b"## 1.9.0\n- of the other file\n");
    let good = format!("<?xml version=\"1.0\"?>\n{}", entry("pkg_redj"));
    put(&site, "changes/pkg_redj.xml", good.as_bytes());
    let printed = run(updates(&site, &toml, &["changelogs/pkg_redj"])).await;
    assert_eq!(printed.stdout.trim_end(), good.trim_end());
    let table = all(&site, &run(updates(&site, &toml, &[])).await);
    assert!(!table.contains("changelog `"), "{table}");
    for (text, line) in [
        (entry("pkg_other"), "no `<changelog>` in it is about this extension"),
        (entry("pkg_redj").replace(">package<", ">plugin<"), "<type>package</type>"),
        (good.replace("</fix>", ""), "line 4 is no well-formed XML"),
        (good.replace("&amp;", "&copy;"), "line 4 is no well-formed XML"),
        (good.replace("&amp;", "&"), "line 4 is no well-formed XML"),
        (good.replace("</changelogs>", ""), "it ends before its last element does"),
        (format!("{good}<changelogs/>"), "a second outermost element"),
        (format!("{good}more"), "text outside the outermost element"),
        (good.replace("changelogs>", "updates>"), "its outermost element is `<updates>`"),
        (String::new(), "it ends before its last element does"),
    ] {
        put(&site, "changes/pkg_redj.xml", text.as_bytes());
        let table = all(&site, &run(updates(&site, &toml, &[])).await);
        assert!(table.contains("changelog `changes/pkg_redj.xml`: "), "{text}\n{table}");
        assert!(table.contains(line), "{text}\n{table}");
    }
}

/// A changelog without any version is reported.
#[tokio::test]
async fn a_changelog_without_versions_is_told() {
    let site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    let toml = format!("{PUBLIC_URL}{WITH_FOLDER}");
    for text in ["", "# Changelog\n", "just words\n", "## 2024-05-01\n- a\n", "- a\n- b\n"] {
        put(&site, "changes/pkg_redj.md", text.as_bytes());
        let table = all(&site, &run(updates(&site, &toml, &[])).await);
        assert!(
            table.contains("changelog `changes/pkg_redj.md`: it names no version"),
            "{text}\n{table}"
        );
    }
}
