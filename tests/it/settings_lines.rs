//! The plugin's settings: lines, lists, the params column, and which users are authorised.

use jbackend_bridge::release::authorise::{GroupTree, Standing, UserGroup, standing};
use jbackend_bridge::release::catalog::{Catalog, SettingsText};
use jbackend_bridge::release::params::{self, ParamNames};
use proptest::prelude::*;

fn catalog(groups: &str, packages: &str) -> Catalog {
    let folder = "files".into();
    Catalog::new(&SettingsText { folder, groups: groups.into(), packages: packages.into() })
}

fn findings(catalog: &Catalog) -> String {
    let lines: Vec<_> = catalog.findings().iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn the_documented_lines() {
    let catalog = catalog(
        "redj_enterprise;9,12;HASH123KEY456;ReDJ Enterprise\r\nbare;12",
        "redj_com_190;/public/joomla/redj/ReDJ.zip\r\nredj_ent_190;private/ReDJ.zip;redj_enterprise",
    );
    let group = catalog.group("redj_enterprise").unwrap();
    assert_eq!(group.user_groups, [9, 12]);
    assert_eq!((group.hash.as_str(), group.name.as_str()), ("HASH123KEY456", "ReDJ Enterprise"));
    let bare = catalog.group("bare").unwrap();
    assert_eq!((bare.hash.as_str(), bare.name.as_str(), bare.title()), ("", "", "bare"));
    assert_eq!(catalog.package("redj_com_190").unwrap().group, None);
    let paid = catalog.package("redj_ent_190").unwrap();
    assert_eq!(paid.group.as_deref(), Some("redj_enterprise"));
    assert_eq!(findings(&catalog), "");
}

#[test]
fn blanks_around_fields_and_blank_lines_are_ignored_and_the_name_keeps_semicolons() {
    let catalog = catalog("\n  a ; 1 , 2 ; h ; A; B;C \n\n", " p ; x.zip ;  \n");
    let group = catalog.group("a").unwrap();
    assert_eq!((group.user_groups.as_slice(), group.name.as_str()), ([1, 2].as_slice(), "A; B;C"));
    assert_eq!(catalog.package("p").unwrap().group, None);
}

#[test]
fn ids_match_to_the_letter() {
    let catalog = catalog("a;1", "p;x.zip");
    assert!(catalog.group("A").is_none() && catalog.group(" a").is_none());
    assert!(catalog.package("P").is_none());
}

#[test]
fn bad_lines_are_reported_with_their_number_and_disable_nothing() {
    let catalog = catalog(
        ";1;h\ngood;12\npartly;x,12,0,-3,+5,4294967296\nnobody;none\ngood;13",
        "nopath\nok;a.zip\n;b.zip\nup;../b.zip;good\nmore;c.zip;good;extra\nlost;d.zip;missing",
    );
    insta::assert_snapshot!(findings(&catalog), @r#"
    plugin setting "Package groups", line 1: the line has no id before its first `;`: the line is ignored
    plugin setting "Package groups", line 3: package group `partly`: piece 1 of its user groups is no id (a positive number): it is left out
    plugin setting "Package groups", line 3: package group `partly`: piece 3 of its user groups is no id (a positive number): it is left out
    plugin setting "Package groups", line 3: package group `partly`: piece 4 of its user groups is no id (a positive number): it is left out
    plugin setting "Package groups", line 3: package group `partly`: piece 5 of its user groups is no id (a positive number): it is left out
    plugin setting "Package groups", line 3: package group `partly`: piece 6 of its user groups is no id (a positive number): it is left out
    plugin setting "Package groups", line 4: package group `nobody`: piece 1 of its user groups is no id (a positive number): it is left out
    plugin setting "Package groups", line 4: package group `nobody` names no user group: no account is authorised for it
    plugin setting "Package groups", line 5: `good` stands in line 2 already: this line replaces it
    plugin setting "Packages", line 1: package `nopath` has no path: write `package id;package path[;package group]`; the line is ignored
    plugin setting "Packages", line 3: the line has no id before its first `;`: the line is ignored
    plugin setting "Packages", line 4: package `up`: package path `../b.zip` holds a `..` component: write it relative to the package folder, without `..`; downloads answer REL_FNF
    plugin setting "Packages", line 5: package `more`: more than three fields; everything after the package group is ignored
    plugin setting "Packages", line 6: package `lost` names the package group `missing`, which does not exist: requests answer REL_GNF
    "#);
    assert_eq!(catalog.group("good").unwrap().user_groups, [13]);
    assert_eq!(catalog.group("partly").unwrap().user_groups, [12]);
    assert!(catalog.group("nobody").unwrap().user_groups.is_empty());
    assert!(catalog.package("ok").is_some() && catalog.package("nopath").is_none());
    assert!(catalog.package("up").unwrap().path.is_err());
}

#[test]
fn a_paid_package_never_becomes_free_by_a_second_line() {
    let catalog = catalog("g;1", "p;a.zip;g\np;b.zip\nq;a.zip\nq;b.zip;g");
    assert_eq!(catalog.package("p").unwrap().group.as_deref(), Some("g"));
    assert_eq!(catalog.package("q").unwrap().group.as_deref(), Some("g"));
    assert!(findings(&catalog).contains("line 2: package `p` is paid in line 1"));
}

fn read(json: &str) -> Result<SettingsText, params::ParamsError> {
    params::read(json, &ParamNames::default())
}

#[test]
fn likely_param_names_are_found() {
    for (folder, groups, packages) in [
        ("folder", "groups", "packages"),
        ("Folder", "package_groups", "package_list"),
        ("folder", "packageGroups", "Package-List"),
    ] {
        let json = format!(r#"{{"{folder}":"f","{groups}":"g;1\r\nh;2","{packages}":"p;x"}}"#);
        let text = read(&json).unwrap();
        assert_eq!((text.folder.as_str(), text.groups.as_str()), ("f", "g;1\r\nh;2"), "{json}");
    }
}

#[test]
fn missing_names_are_an_error_that_lists_those_found() {
    let error = read(r#"{"folder":"f","gruppen":"g;1","packages":"p;x"}"#).unwrap_err();
    insta::assert_snapshot!(error, @r#"the plugin's `params` column has no setting for "Package groups"; the names found are `folder`, `gruppen`, `packages`: name the right one in `[release.param_names]`"#);
}

#[test]
fn configured_names_win_and_registry_texts_are_read() {
    let names = ParamNames { groups: Some("gruppen".into()), ..ParamNames::default() };
    let json = r#"{"folder":"f","gruppen":"g;1","groups":"no","packages":"p;x"}"#;
    assert_eq!(params::read(json, &names).unwrap().groups, "g;1");
    for empty in ["", "{}", "[]", "null", "  "] {
        assert_eq!(read(empty).unwrap(), SettingsText::default());
    }
    let ini = "folder=files\ngroups=\"g;1\"\npackages=p;x.zip";
    assert_eq!(read(ini).unwrap().packages, "p;x.zip");
    assert!(read("{\"folder\":").unwrap_err().to_string().contains("column"));
}

#[test]
fn standing_follows_block_and_direct_groups() {
    let row = |id, left, right| UserGroup { id, left, right };
    let tree = GroupTree::new(vec![row(1, 1, 8), row(12, 2, 5), row(13, 3, 4), row(2, 6, 7)]);
    assert_eq!(standing(0, &[2, 12], &[12], None), Standing::Authorised);
    assert_eq!(standing(1, &[2, 12], &[12], None), Standing::NotEnabled);
    // Joomla's login only denies the value 1.
    assert_eq!(standing(2, &[12], &[12], None), Standing::Authorised);
    assert_eq!(standing(-1, &[12], &[12], None), Standing::Authorised);
    assert_eq!(standing(0, &[13], &[12], None), Standing::NotAuthorised);
    assert_eq!(standing(0, &[13], &[12], Some(&tree)), Standing::Authorised);
    assert_eq!(standing(0, &[12], &[13], Some(&tree)), Standing::NotAuthorised);
    assert_eq!(standing(0, &[13], &[1], Some(&tree)), Standing::Authorised);
    assert_eq!(standing(0, &[], &[1], None), Standing::Authorised);
    assert_eq!(standing(0, &[2], &[1], None), Standing::NotAuthorised);
    assert_eq!(standing(0, &[777], &[1], Some(&tree)), Standing::NotAuthorised);
    assert_eq!(standing(0, &[12], &[], None), Standing::NotAuthorised);
}

proptest! {
    #[test]
    fn any_text_makes_a_catalog(groups in "\\PC*|([a-z;,0-9 \r\n]*)", packages in "([a-z;./\\\\ \r\n]*)") {
        let catalog = catalog(&groups, &packages);
        for package in catalog.packages() {
            prop_assert!(!package.id.is_empty() && package.id.trim() == package.id);
            if let Ok(path) = &package.path {
                prop_assert!(!path.as_str().split('/').any(|piece| piece == ".."));
            }
        }
        for group in catalog.groups() {
            prop_assert!(group.user_groups.iter().all(|id| *id > 0));
        }
    }

    #[test]
    fn any_text_is_params_or_an_error(text in "\\PC*") {
        let _ = read(&text);
    }
}
