//! Changelogs: printed, and what is wrong with them.

use super::{PUBLIC_URL, all, put, put_recorded, run, updates};
use crate::common::fixture::Schema;
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
