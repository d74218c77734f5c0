//! The plugin's row, package groups, and package files.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Schema, check, findings, settings, sound};

#[tokio::test]
async fn rows_of_the_plugin() {
    for schema in [Schema::Joomla3, Schema::Sqlite] {
        let site = sound(schema).await;
        settings(&site, "").await;
        let unsaved = findings(&site, "", &["--offline"], "plugin").await;
        settings(&site, r#"{"dir":"files","groups":"","packages":""}"#).await;
        let unnamed = findings(&site, "", &["--offline"], "plugin").await;
        let toml = "[release.param_names]\nfolder = 'dir'\n";
        let named = check(&site, toml, &["--offline"]).await;
        assert!(named.stdout.contains("Folder in `dir`"), "{}", named.stdout);
        settings(&site, "{broken").await;
        let broken = findings(&site, "", &["--offline"], "plugin").await;
        site.run("DELETE FROM #__extensions WHERE folder = 'jbackend' OR element = 'com_jbackend'")
            .await;
        let gone = findings(&site, "", &["--offline"], "plugin").await;
        let all = [unsaved, unnamed, broken, gone].join("\n---\n");
        insta::allow_duplicates!(insta::assert_snapshot!(all, @r##"
warning: the plugin's settings have never been saved: there are no packages
  at extension id 3
  → open the plugin in Joomla, fill in its options and save it
warning: there is no package: every request is answered REL_PNF
  at -
  → fill in the option Packages of the plugin: `package id;package path[;package group]`
---
error: the plugin's `params` column has no setting for "Folder"; the names found are `dir`, `groups`, `packages`
  at -
  → name the right one in `[release.param_names]`
---
error: the plugin's `params` column holds no valid JSON (line 1, column 2)
  at -
  → save the plugin's settings in Joomla again
---
warning: the component jBackend is not installed: are these the right database and prefix?
  at -
  → correct `name` and `prefix` in `[database]`, or install jBackend again
error: the plugin jBackend Release System is not in `jos_extensions` (type plugin, folder jbackend, element release)
  at -
  → check the table prefix, or put `folder`, `groups` and `packages` into `[release]`
"##));
    }
}

#[tokio::test]
async fn a_plugin_that_must_be_enabled() {
    let site = sound(Schema::Sqlite).await;
    site.run("UPDATE #__extensions SET enabled = 0 WHERE element = 'release'").await;
    let toml = "[release]\nrequire_enabled = true\n";
    let disabled = findings(&site, toml, &["--offline"], "plugin").await;
    site.run("UPDATE #__extensions SET enabled = 1, access = 6 WHERE element = 'release'").await;
    let hidden = findings(&site, toml, &["--offline"], "plugin").await;
    insta::assert_snapshot!(format!("{disabled}\n---\n{hidden}"), @r##"
error: the plugin is disabled in Joomla, so every request is answered REQ_MNF
  at extension id 3
  → enable it, or remove `require_enabled` from `[release]`
---
error: the plugin is hidden from guests by its access level: REQ_MNF
  at extension id 3
  → set its access level to Public, or remove `require_enabled` from `[release]`
"##);
}

#[tokio::test]
async fn a_missing_formula_hides_nothing_else() {
    let site = sound(Schema::Sqlite).await;
    let run = check(&site, "[license]\n", &["--offline"]).await;
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("2 files can be read"), "{}", run.stdout);
    let found = findings(&site, "[license]\n", &["--offline"], "package-groups").await;
    insta::assert_snapshot!(found, @r##"
error: the formula of the license keys is not set: without the one of the site's plugin every key it has issued would be refused
  at `license.recipe`
  → copy the formula from the plugin's source into `recipe` in `[license]` (or `--recipe`), for example `recipe = 'md5($email . $group . $hash)'`; `default` on a site that has issued no keys yet; see docs/recipes.md
skipped: whether keys can be made and guessed: there is no formula to try
  at -
  → -
"##);
    let broken = "[license]\nrecipe = 'md5($nothing)'\n";
    let found = findings(&site, broken, &["--offline"], "package-groups").await;
    assert!(found.starts_with("error: `license.recipe`"), "{found}");
}

#[tokio::test]
async fn keys_under_the_default_formula() {
    let site = sound(Schema::Sqlite).await;
    settings(&site, r#"{"folder":"files","groups":"g;12;;No hash","packages":"a;b.zip;g"}"#).await;
    let php = fs::read_to_string(site.folder.path().join("configuration.php")).unwrap();
    let php: Vec<_> = php.lines().filter(|line| !line.contains("$secret")).collect();
    fs::write(site.folder.path().join("configuration.php"), php.join("\n")).unwrap();
    let toml = "[license]\nrecipe = 'default'\n";
    let found = findings(&site, toml, &["--offline"], "package-groups").await;
    insta::assert_snapshot!(found, @r##"
error: package group `g` is closed (REL_GNF): neither its hash nor Joomla's secret is set, so that strangers could compute its keys
  at line of `g` in Package groups
  → give it a hash: a random text in the third field
"##);
}

#[tokio::test]
async fn members_of_groups_below() {
    for schema in [Schema::Joomla5, Schema::Sqlite] {
        let site = sound(schema).await;
        let text = r#"{"folder":"files","groups":"g;12;HASH123KEY456","packages":"a;b.zip;g"}"#;
        settings(&site, text).await;
        site.run("DELETE FROM #__user_usergroup_map WHERE group_id = 12").await;
        let direct = findings(&site, "", &["--offline"], "package-groups").await;
        assert!(direct.starts_with("warning: no account belongs to package group `g`"), "{direct}");
        // Frank is in the user group below it.
        let inherit = "[release]\ninherit_groups = true\n";
        assert_eq!(findings(&site, inherit, &["--offline"], "package-groups").await, "");
        site.run("UPDATE #__users SET block = 1 WHERE id = 105").await;
        let blocked = findings(&site, inherit, &["--offline"], "package-groups").await;
        assert!(blocked.starts_with("warning: all members of package group `g` are blocked"));
        // An account in no user group counts as Public.
        settings(&site, &text.replace("g;12;", "g;1;")).await;
        assert_eq!(findings(&site, "", &["--offline"], "package-groups").await, "");
    }
}

#[tokio::test]
async fn folders_that_cannot_be_used() {
    let site = sound(Schema::Sqlite).await;
    fs::set_permissions(site.packages(), fs::Permissions::from_mode(0o777)).unwrap();
    let toml = "[release]\nallow_roots = ['/nowhere']\n";
    let open = findings(&site, toml, &["--offline"], "package-files").await;
    fs::remove_dir_all(site.packages()).unwrap();
    let gone = findings(&site, "", &["--offline"], "package-files").await;
    insta::assert_snapshot!(format!("{open}\n---\n{gone}"), @r##"
warning: all users of this machine may put files into the package folder
  at folder `DIR/files`
  → run `chmod o-w DIR/files`
warning: the allowed folder `/nowhere` does not exist
  at `release.allow_roots`
  → correct it, or remove it
---
error: the package folder cannot be opened (No such file or directory (os error 2)): downloads answer REL_FNF
  at folder `DIR/files`
  → create it, or correct the option Folder of the plugin
"##);
}

/// Gives the plugin params of this length, cut off or not.
async fn settings_of(site: &super::Site, length: usize, cut_off: bool) {
    let start = r#"{"folder":"files","groups":"g;11;HASH123KEY456","packages":""#;
    let end = if cut_off { "" } else { "\"}" };
    let line = "a_package;/public/a.zip\\r\\n";
    let room = length - start.len() - end.len();
    let mut lines = line.repeat(room / line.len());
    lines.push_str(&"x".repeat(room - lines.len()));
    settings(site, &format!("{start}{lines}{end}")).await;
}

#[tokio::test]
async fn settings_that_fill_their_column() {
    let site = sound(Schema::Joomla5).await;
    let mut all = Vec::new();
    // The server cuts the last one off, as it is longer than the column.
    for (length, cut_off) in
        [(58_000, false), (59_500, false), (65_535, true), (65_532, true), (70_000, false)]
    {
        settings_of(&site, length, cut_off).await;
        let found = findings(&site, "", &["--offline"], "plugin").await;
        let found: Vec<_> = found.split("\nwarning: the id").collect();
        let lines = found[0].lines().filter(|line| !line.starts_with("    "));
        all.push(format!("{length}:\n{}", lines.take(3).collect::<Vec<_>>().join("\n")));
    }
    insta::assert_snapshot!(all.join("\n"));
    // Params that break off at another length get another finding.
    settings_of(&site, 60_000, true).await;
    let found = findings(&site, "", &["--offline"], "plugin").await;
    assert!(
        found.starts_with("error: the plugin's `params` column holds no valid JSON"),
        "{found}"
    );
}

#[tokio::test]
async fn all_names_that_are_missing_are_told_at_once() {
    let site = sound(Schema::Sqlite).await;
    for (params, options) in [
        (r#"{"dir":"files","lists":"","zips":""}"#, r#""Folder", "Package groups", "Packages""#),
        (r#"{"folder":"files","lists":"","zips":""}"#, r#""Package groups", "Packages""#),
    ] {
        settings(&site, params).await;
        let found = findings(&site, "", &["--offline"], "plugin").await;
        assert!(found.contains(&format!("has no setting for {options}; the names")), "{found}");
        assert!(found.contains("→ name the right ones in `[release.param_names]`"), "{found}");
    }
}
