//! Changelogs in Markdown, and the XML Joomla reads.

use joomla_updates::changelog::markdown::read;
use proptest::prelude::*;

use crate::made::example;

const EXAMPLE: &str = "\
# Changelog of ReDJ

Everything that is new.

## Unreleased
### Added
- nobody sees this

## [1.9.1] - 2026-01-31

Needs **PHP 8.1**.

### Fixed
- a redirect to `/a?b&c` was lost
- <script>alert(1)</script> is text
  over two lines

### Security
* see [the advisory](https://www.example.com/a?b=1&c=2)

### Fixed
1. once more

## v1.9.0
### Speed
- twice as fast
  - with PHP 8
### Removed
```text
one
two
```

## Thoughts
- left out

## Version 1.9.0
- left out too

[1.9.1]: https://www.example.com/1.9.1
";

#[test]
fn a_changelog_becomes_what_joomla_reads() {
    insta::assert_snapshot!(read(EXAMPLE).xml(&example()));
}

#[test]
fn what_means_nothing_is_reported_with_its_line() {
    let problems: Vec<_> = read(EXAMPLE).problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(problems.join("\n"));
}

#[test]
fn an_empty_file_is_a_changelog_without_versions() {
    let xml = read("").xml(&example());
    assert_eq!(xml, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<changelogs>\n</changelogs>\n");
}

/// Each heading counted the lines from the start of the file.
#[test]
fn regression_many_headings_are_read_in_one_pass() {
    let text = "## x\n".repeat(200_000);
    let problems = read(&text).problems;
    assert_eq!(problems.len(), 200_000);
    assert_eq!(problems.last().map(|problem| problem.line), Some(200_000));
}

proptest! {
    /// Whatever stands in the file, the XML can be read, and holds as many versions as were found.
    #[test]
    fn any_text_gives_xml_that_can_be_read(text in "(#{1,3} |- |\\* |`|<b>|[0-9]\\.|\\[|\\]|&|\\PC|\n){0,60}") {
        let changelog = read(&text);
        let xml = changelog.xml(&example());
        let mut reader = quick_xml::Reader::from_str(&xml);
        let mut versions = 0;
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::Eof) => break,
                Ok(quick_xml::events::Event::Start(tag)) if tag.name().as_ref() == "changelog" => versions += 1,
                Ok(_) => {}
                Err(error) => prop_assert!(false, "{error}\n{xml}"),
            }
        }
        prop_assert_eq!(versions, changelog.versions.len());
    }
}
