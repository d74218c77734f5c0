//! Changelogs in the forms makers write them: of which kind the changes are, by legends, marks, labels
//! and headings. Every text is invented.

use joomla_updates::changelog::markdown::read;

use crate::makers::reads;

#[test]
fn the_legend_of_joomla() {
    let changes = "* hole\n# error\n+ more\n^ other\n- gone\n! heed\n$ words\n";
    let kinds = "security fix addition change remove note language";
    reads(&format!("2.1\n\n{changes}"), &format!("2.1: {kinds}"));
    reads(&format!("## 2.1\n{changes}\n## 2.0\n{changes}"), &format!("2.1: {kinds}; 2.0: {kinds}"));
    reads(&format!("## 2.1\n\n```\n{changes}```\n"), "2.1: note");
    let legend = "Legend:\n\n* -> Security Fix\n# -> Bug Fix\n+ -> Addition\n^ -> Change\n- -> Removed\n\
                  ! -> Note\n$ -> Language\n\n";
    reads(&format!("# Changelog\n\n{legend}## 2.1\n{changes}"), &format!("2.1: {kinds}"));
    reads(&format!("{legend}1.5 (1 May 2024)\n----\n{changes}"), &format!("1.5: {kinds}"));
}

#[test]
fn a_legend_of_its_own() {
    reads(
        "#### Legend:\n\n(*) Security Fix  \n(#) Bug Fix  \n(!) Change\n\n### 2.6.4 Build 0 (11 June 2025)\n\n\
         \x20   (#) a\n    (!) b\n",
        "2.6.4: fix change",
    );
    reads(
        "*** LEGEND ***\n====\n+ New\n# Bug fix\n$ Security bug fix\n\nBlue 1.0\n====\n$ a\n# b\n",
        "1.0: security fix",
    );
}

#[test]
fn lists_of_dashes_and_stars_are_no_marks() {
    reads("## 1.1\n- a\n- b\n## 1.0\n* c\n", "1.1: note note; 1.0: note");
    reads("## 1.1\n### Added\n- a\n! b\n- c\n- d\n", "1.1: addition note addition addition");
}

#[test]
fn labels() {
    reads(
        "## 1.1\n- [Fix] a\n- [Feature] b\n- [Security] c\n- [Internal] d\n",
        "1.1: fix addition security change",
    );
    reads("## 1.1\n* \\[Fix] a\n* [HIGH] b\n* [LOW] c\n", "1.1: fix fix fix");
    reads(
        "### Version 0.6 April 2020\n- **(C)** a\n- **(A)** b\n- **(L)** c\n- **(B)** d\n- **(R)** e\n",
        "0.6: change addition language fix remove",
    );
    reads(
        "## 1.1\n- Fixed: a\n- Added - b\n- **New:** c\n- plain: d\n",
        "1.1: fix addition addition note",
    );
    let changes = read("## 1.1\n- [Fix] a\n- [HIGH] b\n- [docs](https://example.com) c\n").versions;
    let html: Vec<_> = changes[0].changes.iter().map(|(_, html)| html.as_str()).collect();
    assert_eq!(html, ["a", "[HIGH] b", "<a href=\"https://example.com\">docs</a> c"]);
}

#[test]
fn kinds_with_emoji_and_other_words() {
    for (heading, kind) in [
        ("🚀 Added", "addition"),
        ("🐛 Fixed", "fix"),
        ("✨ New Features", "addition"),
        ("Features", "addition"),
        ("Enhancements", "change"),
        ("⚠ BREAKING CHANGES", "change"),
        ("Breaking changes", "change"),
        ("Updated", "change"),
        ("💥 Removed 💥", "remove"),
        ("🔒 Security", "security"),
        ("🌍 Translations", "language"),
        ("Bug Fixes", "fix"),
        ("+ Features Added:", "addition"),
        ("- Bug Fixes:", "fix"),
        ("Improvements", "change"),
        ("Deprecated", "change"),
        ("Other notes", "note"),
        (":bug: Fixes", "fix"),
        ("**Fixed**", "fix"),
    ] {
        reads(&format!("## 1.0\n### {heading}\n- a\n"), &format!("1.0: {kind}"));
    }
    reads("2.0\n\nFixed:\n- a\n\nAdded:\n- b\n", "2.0: fix addition");
    reads("## 2.0\n## Fixed\n- a\n## 1.0\n- b\n", "2.0: fix; 1.0: note");
}

#[test]
fn an_item_below_a_heading_for_a_kind_is_no_version() {
    reads(
        "## [5.0.0] - 2019-02-11\n\n### Added\n\n- v5 final release\n\n### Fixed\n\n- a\n",
        "5.0.0: addition fix",
    );
}

#[test]
fn marks_of_the_files_own_legend() {
    reads(
        "CHANGELOG com_board ab 3.2.0\n------------\n\nLegend:\n* -> Security Fix\n# -> Bug Fix\n\
         % -> Performance Fix\n> -> Compatibility\n/ -> Comment\n+ -> Addition\n^ -> Change\n\n\
         - - - 3.2.1 - [xx-xx-2026] - - - - -\n+ a\n% b\n# c\n> d\n/ e\n\n\
         - - - 3.2.0 - [16-07-2025] - - - - -\n^ f\n",
        "3.2.1: addition change fix change note; 3.2.0: change",
    );
}
