//! The text of `config.example.toml`: every key with its meaning, its default and its environment
//! variable. A test compares the file with this.

use std::fmt::Write as _;

use super::env::variable;
use super::outline;
use super::section::ValueKind;

const HEAD: &str = "\
# Configuration of jbackend-bridge: every key, with its default or an example.
#
# What is set later wins: defaults, the site's configuration.php, this file, environment variables
# (named at each key; their values are taken as text, an empty one counts as not set), flags of the
# command line. A secret can also be put into a file whose name stands in the variable with `_FILE`
# appended.
#
# Texts stand in quotes. Between single quotes nothing is special, so passwords and formulas with
# `$`, `\\` or `\"` in them are best put there: password = 'pa$$\\word'
#
# On most sites three lines are enough:
#
#   [joomla]
#   root = \"/var/www/html\"
#   [license]
#   recipe = 'md5($email . $group . $hash)'    # the formula of your plugin
";

const ENDPOINTS: &str = "
# End-points: one of these blocks each, with the path of its menu item, and who may use it: `free`
# (everybody), `user` (visitors logged in to Joomla) or `key` (holders of a jBackend API key).
#[[endpoints]]
#path = \"packages\"
#access = \"free\"
";

/// The whole text.
#[must_use]
pub fn text() -> String {
    let mut out = String::from(HEAD);
    for section in outline() {
        out.push('\n');
        for line in section.doc {
            let _ = writeln!(out, "#{line}");
        }
        let _ = writeln!(out, "[{}]", section.name);
        for key in section.keys {
            out.push('\n');
            for line in key.doc {
                let _ = writeln!(out, "#{line}");
            }
            if key.kind != ValueKind::Table {
                let file = if key.kind == ValueKind::Secret { " (or …_FILE)" } else { "" };
                let _ = writeln!(out, "# Variable: {}{file}", variable(section.name, key.name));
            }
            let _ = writeln!(out, "#{} = {}", key.name, key.example);
        }
    }
    out.push_str(ENDPOINTS);
    out
}
