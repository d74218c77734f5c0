//! The files of `contrib/nginx` and `contrib/apache`, changed as their comments tell operators.

use std::path::Path;

use serde_json::Value;

/// A file of `contrib/`.
pub(super) struct Snippet(String);

impl AsRef<str> for Snippet {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Snippet {
    /// Returns the text.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Reads the file from the repository.
    pub(super) fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib").join(name);
        Self(std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}")))
    }

    /// Makes an empty snippet.
    pub(super) fn empty() -> Self {
        Self(String::new())
    }

    /// Sets another address of the bridge.
    pub(super) fn bridge_at(self, address: &str) -> Self {
        self.replace("127.0.0.1:8080", address)
    }

    /// Adds all end-points of the recorded site.
    pub(super) fn all_end_points(self) -> Self {
        let fixture: Value =
            serde_json::from_str(include_str!("../../vectors/fixture.json")).unwrap();
        let paths: Vec<_> = fixture["menu"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["link"].as_str().unwrap().contains("com_jbackend"))
            .map(|item| item["path"].as_str().unwrap())
            // An alias of an end-point is an end-point, too.
            .chain(["pkgalias"])
            .collect();
        assert!(paths.contains(&"packages") && paths.contains(&"api/v1"), "{paths:?}");
        self.replace("packages|", &format!("{}|", paths.join("|")))
    }

    /// Uncomments the lines that begin with `#` and no blank.
    pub(super) fn uncommented(self) -> Self {
        let lines = self.0.lines().map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => rest,
            _ => line,
        });
        Self(lines.collect::<Vec<_>>().join("\n"))
    }

    /// Replaces a text, which must be there.
    pub(super) fn replace(self, old: &str, new: &str) -> Self {
        assert!(self.0.contains(old), "no {old:?} in {}", self.0);
        Self(self.0.replace(old, new))
    }

    /// Adds lines at the end.
    pub(super) fn and(self, more: &str) -> Self {
        Self(format!("{}\n{more}\n", self.0))
    }

    /// Lists the lines that a web server reads: no comments, no empty lines, no indentation.
    pub(super) fn directives(&self) -> Vec<&str> {
        let lines = self.0.lines().map(str::trim);
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
    }
}
