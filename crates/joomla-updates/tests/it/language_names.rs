//! Names that are keys of language files: translated by the package's own English file.

use std::io::Cursor;

use joomla_updates::archive as subject;

use crate::made::archive;

/// Name and description of a plugin whose manifest has `name` for both, with these files beside it.
fn texts(name: &str, languages: &str, files: &[(&str, &str)]) -> (String, String) {
    let manifest = format!(
        "<extension type=\"plugin\" group=\"editors-xtd\"><name>{name}</name><version>1</version>\
         <description>{name}_DESC</description>\
         <files><filename plugin=\"Foo\">foo.php</filename></files>{languages}</extension>"
    );
    let mut all = vec![("pkg/foo.xml", manifest.as_str())];
    all.extend(files);
    let found = subject::manifest(Cursor::new(archive(&all))).unwrap().manifest;
    assert_eq!(found.extension.element, "Foo", "as the attribute has it");
    (found.name, found.description)
}

const KEY: &str = "PLG_EDITORS-XTD_FOO";
const FILE: &str = "PLG_EDITORS-XTD_FOO=\"Button - Foo\"\nPLG_EDITORS-XTD_FOO_DESC=\"Adds foo\"\n";

#[test]
fn a_key_is_looked_up_in_the_package() {
    let right = ("Button - Foo".to_owned(), "Adds foo".to_owned());
    for path in [
        "pkg/language/en-GB/en-GB.plg_editors-xtd_foo.sys.ini",
        "pkg/language/en-GB/plg_editors-xtd_foo.sys.ini",
        "pkg/language/en-GB.plg_editors-xtd_foo.sys.ini",
        "pkg/en-GB.plg_editors-xtd_foo.sys.ini",
        "pkg/administrator/language/en-GB/plg_editors-xtd_foo.sys.ini",
        "pkg/languages/admin/en-GB/anything.sys.ini",
    ] {
        assert_eq!(texts(KEY, "", &[(path, FILE)]), right, "{path}");
        assert_eq!(texts("plg_editors-xtd_foo", "", &[(path, FILE)]).0, right.0, "{path}");
    }
    let named = "<languages folder=\"lang\"><language tag=\"de-DE\">de.sys.ini</language>\
                 <language tag=\"en-GB\">english.sys.ini</language></languages>";
    let german = FILE.replace("Adds", "Macht");
    let files = [("pkg/lang/de.sys.ini", german.as_str()), ("pkg/lang/english.sys.ini", FILE)];
    assert_eq!(texts(KEY, named, &files), right);
    let inner = format!("<administration>{named}</administration>");
    assert_eq!(texts(KEY, &inner, &files), right);
    // A file that the manifest names, or that has the usual name, comes before other files.
    let other = FILE.replace("Foo", "Other");
    let files = [
        ("pkg/a/en-GB/other.sys.ini", other.as_str()),
        ("pkg/language/en-GB/plg_editors-xtd_foo.sys.ini", FILE),
    ];
    assert_eq!(texts(KEY, "", &files), right);
}

#[test]
fn without_an_english_text_the_key_stays() {
    let key = (KEY.to_owned(), format!("{KEY}_DESC"));
    for (path, text) in [
        ("pkg/language/de-DE/plg_editors-xtd_foo.sys.ini", FILE),
        ("language/en-GB/plg_editors-xtd_foo.sys.ini", FILE),
        ("pkg/language/en-GB/plg_editors-xtd_foo.ini", FILE),
        ("pkg/language/en-GB/plg_editors-xtd_foo.sys.ini", "PLG_EDITORS-XTD_FOOO=\"x\""),
        ("pkg/language/en-GB/plg_editors-xtd_foo.sys.ini", "PLG_EDITORS-XTD_FOO=\"\""),
        ("pkg/language/en-GB/plg_editors-xtd_foo.sys.ini", ";PLG_EDITORS-XTD_FOO=\"x\""),
    ] {
        // The first file is beside the package's folder, so that this one is not entered.
        let files = [("pkg/readme.txt", ""), (path, text)];
        assert_eq!(texts(KEY, "", &files), key, "{path} {text}");
    }
    // A name that is none is not looked up.
    let files = [("pkg/language/en-GB/x.sys.ini", "MY FOO=\"x\"\nMYFOO=\"y\"")];
    assert_eq!(texts("My Foo", "", &files).0, "My Foo");
    assert_eq!(texts("MyFoo", "", &files).0, "MyFoo");
}

#[test]
fn language_files_are_read_as_php_reads_them() {
    let text = |file: &str| {
        let files = [("pkg/language/en-GB/plg_editors-xtd_foo.sys.ini", file)];
        texts(KEY, "", &files).0
    };
    for (line, wanted) in [
        ("PLG_EDITORS-XTD_FOO=\"Foo\"", "Foo"),
        ("\u{feff}PLG_EDITORS-XTD_FOO=\"Foo\"", "Foo"),
        ("; note\r\n[section]\r\n# x=y\r\n  plg_editors-xtd_foo = \"Foo\" ; why\r\n", "Foo"),
        ("PLG_EDITORS-XTD_FOO=Foo", "Foo"),
        ("PLG_EDITORS-XTD_FOO=Foo ; why", "Foo"),
        ("PLG_EDITORS-XTD_FOO=\"a; b = c\"", "a; b = c"),
        ("PLG_EDITORS-XTD_FOO=\"the \"_QQ_\"best\"_QQ_\" foo\"", "the \"best\" foo"),
        ("PLG_EDITORS-XTD_FOO=\"the _QQ_best_QQ_ foo\"", "the \"best\" foo"),
        ("PLG_EDITORS-XTD_FOO=\"the \\\"best\\\" foo\"", "the \"best\" foo"),
        ("X=\"two\nPLG_EDITORS-XTD_FOO=\\\"no\\\"\nlines\"\nPLG_EDITORS-XTD_FOO=\"Foo\"", "Foo"),
        ("PLG_EDITORS-XTD_FOO=\"old\"\nPLG_EDITORS-XTD_FOO=\"new\"", "new"),
        ("PLG_EDITORS-XTD_FOO=\"Füü 日本\"", "Füü 日本"),
        ("A=\"open\nPLG_EDITORS-XTD_FOO=Foo", "Foo"),
    ] {
        assert_eq!(text(line), wanted, "{line}");
    }
    // Only the beginning of a large file counts, and quotes without end take little time.
    let far = format!("{}\nPLG_EDITORS-XTD_FOO=\"far\"", "A=\"b\"\n".repeat(100_000));
    assert_eq!(text(&far), KEY);
    let quotes = format!("PLG_EDITORS-XTD_FOO=\"Foo\"\n{}", "A=\"\\\"".repeat(40_000));
    assert_eq!(text(&quotes), "Foo");
    let long = format!("PLG_EDITORS-XTD_FOO=\"{}\"", "x".repeat(200_000));
    assert_eq!(text(&long).chars().count(), 1000);
}
