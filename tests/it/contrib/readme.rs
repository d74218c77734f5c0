//! The README's short form of the web servers' files: the same directives, without the comments.

use std::path::Path;

use super::snippet::Snippet;

#[test]
fn the_readme_shows_the_files_that_are_tested() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    for web_server in ["nginx", "apache"] {
        let (_, rest) = readme.split_once(&format!("```{web_server}\n")).expect(web_server);
        let (block, _) = rest.split_once("```").unwrap();
        let shown: Vec<_> = block.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let file = Snippet::read(&format!("{web_server}/end-point.conf"));
        assert_eq!(shown, file.directives(), "contrib/{web_server}/end-point.conf");
    }
}
