//! Writes the text of `config.example.toml`: every key with its meaning, its default and its
//! environment variable. A test compares the file with this text.

use std::fmt::Write as _;

use super::env::variable;
use super::outline;
use super::section::ValueKind;

const HEAD: &str = "\
# Configuration of jbackend-bridge: every key, with its default or an example.
#
# A later source wins: defaults, the site's configuration.php, this file, environment variables,
# flags of the command line. The variable of a key is named above it. Its value is read as text; an
# empty one counts as not set. A secret can also be in a file: put the file's name into the variable
# with `_FILE` appended.
#
# Put text values in quotes. In single quotes no character is special, so use them for passwords and
# formulas with `$`, `\\` or `\"`: password = 'pa$$\\word'
#
# Most sites need only four lines:
#
#   [joomla]
#   root = \"/var/www/html\"
#   [license]
#   recipe = 'md5($email . $group . $hash)'    # the formula of your plugin
";

const ENDPOINTS: &str = "
# End-points: one block for each, with the path of its menu item and its permitted clients: `free`
# (all clients), `user` (visitors logged in to Joomla) or `key` (holders of a jBackend API key).
#[[endpoints]]
#path = \"packages\"
#access = \"free\"
";

const SIGNING: &str = "
# Signed packages: one of these blocks for each list of extensions, with their elements (or
# elements = \"all\") and the public keys of minisign that count for them. With `require`, packages of
# these extensions leave the server only with a good signature, and from a private copy: it needs
# `folder` in `[releases]`. See docs/signing.md.
#[[signing]]
#elements = [\"pkg_redj\"]
#keys = [\"RWQ…\"]
#require = true
";

/// Returns the whole text.
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
    out.push_str(SIGNING);
    out
}
