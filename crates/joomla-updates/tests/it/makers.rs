//! Changelogs in the forms makers write them: which versions they have, and of which kind the changes
//! are. Every text is invented.

use std::fmt::Write as _;

use joomla_updates::changelog::markdown::read;

/// `1.2.3: fix addition; 1.2.2: note`
pub(super) fn found(text: &str) -> String {
    let mut out = String::new();
    for version in read(text).versions {
        let kinds: Vec<_> = version.changes.iter().map(|(kind, _)| kind.name()).collect();
        let _ = write!(out, "{}: {}; ", version.number, kinds.join(" "));
    }
    out.trim_end_matches("; ").to_owned()
}

/// The lines that are told.
fn told(text: &str) -> Vec<usize> {
    read(text).problems.iter().map(|problem| problem.line).collect()
}

/// The result is as expected, without complaints.
#[track_caller]
pub(super) fn reads(text: &str, wanted: &str) {
    assert_eq!(found(text), wanted, "{text}");
    assert_eq!(told(text), [0; 0], "{text}");
}

#[test]
fn keep_a_changelog() {
    reads(
        "# Changelog\n\n## [Unreleased]\n### Added\n- soon\n\n## [2.1.0] - 2024-05-01\n### Added\n- a\n\
         ### Fixed\n- b\n- c\n\n## [2.0.0]\n### Removed\n- d\n\n[2.1.0]: https://example.com/2.1.0\n\
         [2.0.0]: https://example.com/2.0.0\n",
        "2.1.0: addition fix fix; 2.0.0: remove",
    );
}

#[test]
fn dates_below_versions() {
    reads(
        "# 5.5.21\n## 07/23/2025\n- a\n\n# 5.5.20\n## 06/30/2025\n- b\n",
        "5.5.21: note; 5.5.20: note",
    );
    reads(
        "## 1.1\n### 2024-05-01\n- Fixed: a\n## 1.0\n### 1 May 2023\n- b\n",
        "1.1: fix; 1.0: note",
    );
    reads(
        "### v3.1\n**01.02.2024**\n- a\n### v3.0\n**December 2023**\n- b\n",
        "3.1: note; 3.0: note",
    );
}

#[test]
fn a_date_is_never_a_version() {
    for date in [
        "2024-05-01",
        "07/23/2025",
        "23.07.2025",
        "1.5.2024",
        "2024.05.01",
        "2024/05/01",
        "01.05.24",
        "1 May 2024",
        "May 2024",
        "23rd July, 2025",
        "10-Mar-2010",
        "9-September-2008",
        "20240501",
        "2024-05",
        "Released 01.05.2024",
        "2024-05-01T10:00:00Z",
        "2024-05-01 10:15",
        "2024",
        "(2019-xx-xx)",
        "12. Januar 2024",
        "Release date: 2024-05-01",
        "Juli 2024",
    ] {
        for heading in [
            format!("# {date}"),
            format!("## {date}"),
            format!("**{date}**"),
            format!("{date}\n====="),
            format!("{date}\n-----"),
            format!("[{date}]"),
            date.to_owned(),
        ] {
            let text = format!("{heading}\n\n- a\n");
            assert_eq!(found(&text), "", "{text}");
            let below = format!("## 1.2.3\n\n### {date}\n\n- a\n");
            assert_eq!(found(&below), "1.2.3: note", "{below}");
        }
        for heading in
            [format!("{date} - 1.2.3"), format!("1.2.3 ({date})"), format!("1.2.3 - {date}")]
        {
            let text = format!("## {heading}\n- a\n");
            assert_eq!(found(&text), "1.2.3: note", "{text}");
        }
    }
}

/// Changes below a date and no version are told, with the date's line.
#[test]
fn changes_below_a_date_alone_are_told() {
    assert_eq!(told("# Changes\n\n## 2024-05-01\n- a\n"), [3]);
    assert_eq!(told("## 1.0\n- a\n\n## 2023-05-01\n- b\n"), [4]);
}

#[test]
fn headings_of_any_level() {
    reads("# v2.0.1\n- a\n# v2.0.0-beta1\n- b\n", "2.0.1: note; 2.0.0-beta1: note");
    reads("#### 1.2\n- a\n#### 1.1\n- b\n", "1.2: note; 1.1: note");
    reads("###1.2.3\n- a\n##### 1.2.2 #####\n- b\n", "1.2.3: note; 1.2.2: note");
    reads(
        "### Version 1.2 (2024-05-01)\n- a\n\n### Version 1.1 (April 2024)\n- b\n",
        "1.2: note; 1.1: note",
    );
    reads("## Release 3.4\n* a\n## Release 3.3.1\n* b\n", "3.4: note; 3.3.1: note");
}

#[test]
fn names_before_versions() {
    reads(
        "## Blue Sky Gallery 4.1.0\n- a\n## Blue Sky Gallery 4.0\n- b\n",
        "4.1.0: note; 4.0: note",
    );
    reads("## com_bluesky v1.4.3\n#### Bug Fixes:\n- a\n", "1.4.3: fix");
    reads("## Shop for Joomla! 2.1 (stable)\n- a\n", "2.1: note");
    reads("## What is new in version 2.1?\n- a\n", "2.1: note");
}

#[test]
fn bold_lines() {
    reads(
        "# Changelog\n\n**1.2.3**\n- a\n\n**1.2.2** (2024-05-01)\n- b\n",
        "1.2.3: note; 1.2.2: note",
    );
    reads("**Version 2.0**\n\n**New features**\n* a\n\n**Bug fixes**\n* b\n", "2.0: addition fix");
    reads("__v3.1:__\n- a\n", "3.1: note");
    reads("<b>1.1</b>\n- a\n\n<strong>1.0</strong>\n- b\n", "1.1: note; 1.0: note");
}

#[test]
fn underlined_headings() {
    reads(
        "CHANGELOG\n=========\n\n1.2.3\n-----\n- a\n\n1.2.2\n-----\n- b\n",
        "1.2.3: note; 1.2.2: note",
    );
    reads(
        "Blue Sky 3.1.0\n======================\n+ a\n# [HIGH] b\n\nBlue Sky 3.0.9\n======\n~ c\n- d\n",
        "3.1.0: addition fix; 3.0.9: change remove",
    );
    reads("1.1 (2024-05-01)\n~~~~~~~~~~\n* a\n", "1.1: note");
    reads(
        "---------- 1.0.1 [10-March-2010] ----------\n10-Mar-2010 Jo\n^ a\n# b\n",
        "1.0.1: note change fix",
    );
    reads("= 1.3 =\n* a\n= 1.2 =\n* b\n", "1.3: note; 1.2: note");
    reads("======\nBlue Sky 2.0\n======\n- a\n", "2.0: note");
}

#[test]
fn plain_text() {
    reads("3.0.16.2\n *  a\n *  b\n\n3.0.16.1\n *  c\n", "3.0.16.2: note note; 3.0.16.1: note");
    reads(
        "Version: 1.7.2\nReleased: 2019-05-01\n\n- a\n\nVersion: 1.7.1\n- b\n",
        "1.7.2: note note; 1.7.1: note",
    );
    reads("v1.2\n- a\nv1.1\n- b\n", "1.2: note; 1.1: note");
    reads("1.2.1: fixed a\n1.2.0: first release\n", "1.2.1: note; 1.2.0: note");
    reads(
        "* 1.1.3 (2018-09-25)\n  * Fixed: a\n  * b\n\n* 1.1.2 (2017-09-25)\n  * c\n",
        "1.1.3: fix note; 1.1.2: note",
    );
    reads("<?php die(); ?>\nBlue Sky 1.0\n====\n- a\n", "1.0: note");
    reads("---\ntitle: Changes 9.9\n---\n\n## 1.0\n- a\n", "1.0: note");
}

/// A file's own legend counts more than Joomla's.
/// A heading that holds several versions is none.
#[test]
fn families() {
    reads(
        "## Version 3.9\n\n### [3.9.1](https://example.com) &#x20;\n- a\n### 3.9.0\n- b\n\n## Version 3.8\n\n### 3.8.1\n- c\n",
        "3.9.1: note; 3.9.0: note; 3.8.1: note",
    );
    reads("# v1\n## v1.0\n### v1.0.2\n- a\n### v1.0.1\n- b\n", "1.0.2: note; 1.0.1: note");
    reads("## 1.0.0\n- a\n### 1.0.1\n- b\n", "1.0.0: note; 1.0.1: note");
}

#[test]
fn numbers_that_are_no_versions() {
    for text in [
        "## 2. Changelog\n- a\n",
        "# 404 errors\n- a\n",
        "## Requires PHP 8.1\n- a\n",
        "## Joomla 5.3\n- a\n",
        "## 5.x\n- a\n",
        "Compatible with Joomla 5.3.1\n\n- a\n",
        "#123 is mended\n",
        "## 2.4GHz\n- a\n",
        "## 10%\n- a\n",
        "## Upgrade from 1.0.0\n- a\n",
        "1. one\n2. two\n",
    ] {
        assert_eq!(found(text), "", "{text}");
    }
    reads(
        "## 1.1\nNeeds this:\n\nPHP 8.1\n\nBlue 2.0\n\n**Blue 3.0** helps.\n",
        "1.1: note note note note",
    );
    reads(
        "Blue 1.1\n====\n# [LOW] Could not install on Joomla 4.1\n# It broke with PHP 8.1\n",
        "1.1: fix fix",
    );
}

#[test]
fn stages_of_a_version() {
    reads(
        "## 1.0 Beta 2\n- a\n## 1.0-RC1\n- b\n## 1.0 stable\n- c\n## 0.9b3\n- d\n",
        "1.0-beta2: note; 1.0-RC1: note; 1.0: note; 0.9b3: note",
    );
    reads(
        "## v2024.05.01\n- a\n## [2025.10.02.3] - 2025-10-02\n- b\n",
        "2024.05.01: note; 2025.10.02.3: note",
    );
    reads("## Version 3\n- a\n", "3: note");
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    assert_eq!(
        told("## 1.0\n- a\n\n## Thoughts\n- b\n\n## 1.0\n- c\n\n## 0.9\n### Speed\n- d\n"),
        [4, 7, 11]
    );
    assert_eq!(told("## 1.0\n- a\n# Older ones\n\n- b\n"), [3]);
}

/// Blocks of code hold no headings, and one without an end is none.
#[test]
fn blocks() {
    reads("## 1.1\n```\n## 1.0\n```\n- a\n## 0.9\n- b\n", "1.1: note note; 0.9: note");
    reads("## 1.1\n```\n- a\n## 1.0\n- b\n", "1.1: note; 1.0: note");
    reads("<!-- ## 9.9\n- a\n-->\n## 1.1\n- b\n", "1.1: note");
    reads("## 1.1\n- a\n  - deeper\n    - [Fix] deepest\n\n  still a\n- b\n", "1.1: note note");
    reads("## 1.1\r\n### Fixed\r\n- a\r\n\r\n## 1.0\r\n- b\r\n", "1.1: fix; 1.0: note");
}

/// Many of anything take one pass.
#[test]
fn many_of_anything_are_read_in_one_pass() {
    for line in [
        "- [Fix] a\n",
        "**1.0**\n",
        "```\n",
        "<!--\n",
        "[a]: b\n",
        "# [HIGH] a\n",
        "1.0\n---\n",
        "^ a\n",
        "- a\n  - b\n",
    ] {
        let text = format!("## 1.1\n{}", line.repeat(60_000));
        assert!(!read(&text).versions.is_empty(), "{line}");
    }
}

#[test]
fn names_that_begin_like_a_word_for_a_kind() {
    for name in ["DocShelf", "Testimonia", "Infobox", "Addonis", "Notebook Pro", "Fixture Manager"]
    {
        reads(
            &format!("{name} 1.2.1\n=====\n+ a\n\n{name}  1.2.0\n=====\n~ b\n# c\n"),
            "1.2.1: addition; 1.2.0: change fix",
        );
    }
    // A word for a kind is none.
    for words in ["Fixed 1.2.3 for all", "Documentation 2.0", "Updates 1.2"] {
        assert_eq!(found(&format!("{words}\n- a\n")), "", "{words}");
    }
}

#[test]
fn year_week_and_number_of_two_digits() {
    reads(
        "## [26.04.04] - 2026-01-20\n### Changed\n- a\n\n## [26.04.03] - 2026-01-19\n### Added\n- b\n",
        "26.04.04: change; 26.04.03: addition",
    );
    reads(
        "## 1.2.3\n### 05.04.26\n- a\n\n## 1.2.2\n### 04.04.26\n- b\n",
        "1.2.3: note; 1.2.2: note",
    );
}

#[test]
fn two_versions_in_one_heading() {
    reads(
        "## [6.2.0/1] - 2025-10-05\n### Added\n- a\n\n## [6.1.9]\n- b\n",
        "6.2.1: addition; 6.2.0: addition; 6.1.9: note",
    );
    reads("**4.3.1/4.3.2 (28-Jun-2016)**\n\n* a\n", "4.3.2: note; 4.3.1: note");
}

#[test]
fn older_versions_below_a_heading_of_their_own() {
    for heading in
        ["Archived Versions (3.x and earlier)", "Older releases", "Version History (Legacy)"]
    {
        reads(
            &format!(
                "## [4.0.0]\n### Fixed\n- a\n\n## {heading}\n\nKept as they were.\n\n\
                      **3.9.1 (25-Mar-2021)**\n\n* b\n\n**3.9.0 (9-Feb-2021)**\n\n+ c\n+ d\n"
            ),
            "4.0.0: fix; 3.9.1: note; 3.9.0: note note",
        );
    }
}
