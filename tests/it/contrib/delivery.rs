//! The files delivered beside the program fit the program: units, package, container.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jbackend_bridge::config::values::Listen;
use jbackend_bridge::config::{Config, Flags, load};

use super::snippet::Snippet;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the standard error of a program that ends by itself.
fn refusal(arguments: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_jbackend-bridge"))
        .args(arguments)
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

/// Reads the values of a key in a unit.
fn values(unit: &str, key: &str) -> Vec<String> {
    let unit = fs::read_to_string(root().join("contrib").join(unit)).unwrap();
    let prefix = format!("{key}=");
    unit.lines().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
}

#[test]
fn the_unit_starts_the_program_with_the_packages_configuration() {
    let start = values("jbackend-bridge.service", "ExecStart").pop().unwrap();
    let mut words = start.split(' ').map(str::to_owned);
    assert_eq!(words.next().as_deref(), Some("/usr/bin/jbackend-bridge"));
    let arguments: Vec<_> = words
        .map(|word| match word.as_str() {
            "/etc/jbackend-bridge.toml" => {
                root().join("contrib/deb/jbackend-bridge.toml").display().to_string()
            }
            _ => word,
        })
        .collect();
    // All lines of the delivered file are comments, and the operator's message tells that.
    assert!(arguments.iter().any(|word| word.ends_with("contrib/deb/jbackend-bridge.toml")));
    let refusal = refusal(&arguments).replace(&root().display().to_string(), "ROOT");
    insta::assert_snapshot!(refusal, @"error: `ROOT/contrib/deb/jbackend-bridge.toml` names no site: write the folder of your Joomla site into `root` in `[joomla]`; a line that starts with `#` does not count");
}

/// Lists the lines of a unit that systemd reads.
fn lines(unit: &str) -> Vec<String> {
    let unit = fs::read_to_string(root().join("contrib").join(unit)).unwrap();
    let lines = unit.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// For several sites, each instance has the same rights, and no two instances share anything.
#[test]
fn an_instance_differs_from_the_unit_in_its_names_alone() {
    let names = [
        ("of a jBackend Release System site", "of a jBackend Release System site (%i)"),
        ("--config /etc/jbackend-bridge.toml", "--config /etc/jbackend-bridge/%i.toml"),
        ("StateDirectory=jbackend-bridge", "StateDirectory=jbackend-bridge-%i"),
    ];
    let mut unit = lines("jbackend-bridge.service");
    for (name, of_an_instance) in names {
        let mut ending = unit.iter_mut().filter(|line| line.ends_with(name));
        let line = ending.next().unwrap();
        *line = line.replace(name, of_an_instance);
        assert!(ending.next().is_none(), "{name}");
    }
    assert_eq!(lines("jbackend-bridge@.service"), unit);
}

/// Checksums outlive a restart without any configuration, in the folder that the documentation
/// names.
#[test]
fn the_unit_asks_for_the_folder_the_documentation_names() {
    let folder = values("jbackend-bridge.service", "StateDirectory").pop().unwrap();
    let folder = format!("/var/lib/{folder}");
    let variables = [("STATE_DIRECTORY", folder.as_str()), ("JBRIDGE_DATABASE_HOST", "h")];
    let variables = variables.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let config = load(None, variables.into_iter(), &Flags::default()).unwrap();
    let file = config.updates.checksum_file.unwrap().display().to_string();
    assert!(fs::read_to_string(root().join("docs/updates.md")).unwrap().contains(&file), "{file}");
}

#[test]
fn the_packages_configuration_is_valid_without_its_comment_signs() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().display().to_string();
    fs::write(folder.path().join("configuration.php"), "<?php class JConfig {}").unwrap();
    let text = Snippet::read("deb/jbackend-bridge.toml").uncommented();
    let file = folder.path().join("bridge.toml");
    fs::write(&file, text.replace("/var/www/html", &site).text()).unwrap();
    let config = load(Some(&file), std::iter::empty(), &Flags::default()).unwrap();
    assert_eq!(config.joomla.root, Some(PathBuf::from(site)));
    assert_eq!(config.license.recipe.as_deref(), Some("md5($email . $group . $hash)"));
}

/// The web server finds the service at the same address, whether systemd or the bridge opens the
/// socket.
#[test]
fn everybody_means_the_same_address() {
    let Listen::Tcp(address) = Config::default().server.listen else { panic!("no address") };
    assert_eq!(values("jbackend-bridge.socket", "ListenStream"), [address.as_str()]);
    for file in ["nginx/end-point", "nginx/whole-site", "apache/end-point", "apache/whole-site"] {
        let snippet = Snippet::read(&format!("{file}.conf"));
        let lines = snippet.directives();
        assert!(lines.iter().any(|line| line.contains(&format!("http://{address}"))), "{file}");
    }
}

#[test]
fn the_package_is_made_of_files_that_are_there() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, assets) = manifest.split_once("\nassets = [\n").unwrap();
    let (assets, _) = assets.split_once("\n]\n").unwrap();
    let sources: Vec<_> = assets
        .lines()
        .filter_map(|line| line.trim().strip_prefix("[\"")?.split('"').next())
        // `contrib/build-deb` makes these files first.
        .filter(|source| !source.starts_with("target/"))
        .collect();
    assert!(sources.len() > 5, "{sources:?}");
    for source in sources {
        let (folder, name) = source.rsplit_once('/').unwrap_or((".", source));
        let (before, after) = name.split_once('*').unwrap_or((name, ""));
        let found = fs::read_dir(root().join(folder)).unwrap().any(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.starts_with(before) && name.ends_with(after)
        });
        assert!(found, "{source}");
    }
}

/// A misspelt variable stops the program; in these files it would stop all containers.
#[test]
fn the_containers_variables_are_known() {
    let mut names = BTreeSet::new();
    for file in
        ["Dockerfile", "compose.yaml", "jbackend-bridge.service", "jbackend-bridge@.service"]
    {
        let text = fs::read_to_string(root().join("contrib").join(file)).unwrap();
        for (at, _) in text.match_indices("JBRIDGE_") {
            let name = |c: &char| c.is_ascii_uppercase() || *c == '_';
            names.insert(text[at..].chars().take_while(name).collect::<String>());
        }
    }
    let files = names.iter().filter(|name| name.ends_with("_FILE")).count();
    assert!(names.len() > 6 && files > 0, "{names:?}");
    let example = fs::read_to_string(root().join("config.example.toml")).unwrap();
    let known: BTreeSet<_> = example
        .lines()
        .filter_map(|line| line.strip_prefix("# Variable: "))
        .flat_map(|line| match line.strip_suffix(" (or …_FILE)") {
            Some(name) => vec![name.to_owned(), format!("{name}_FILE")],
            None => vec![line.to_owned()],
        })
        .chain(["JBRIDGE_CONFIG".to_owned()])
        .collect();
    let unknown: Vec<_> = names.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_composed_sites_accounts_are_those_of_the_grants() {
    let compose = fs::read_to_string(root().join("contrib/compose.yaml")).unwrap();
    let grants = fs::read_to_string(root().join("sql/grants.sql")).unwrap();
    for variable in ["JBRIDGE_DATABASE_USER", "JBRIDGE_DATABASE_WRITER_USER"] {
        let (_, rest) = compose.split_once(&format!("{variable}: \"")).expect(variable);
        let (account, _) = rest.split_once('"').unwrap();
        assert!(grants.contains(&format!("CREATE USER '{account}'@")), "{account}");
    }
}

#[test]
fn the_composed_site_is_a_configuration() {
    let text = fs::read_to_string(root().join("contrib/compose.yaml")).unwrap();
    let variables: Vec<(OsString, OsString)> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("JBRIDGE_")?.split_once(": "))
        .map(|(name, value)| {
            let value = value.trim_matches('"').replace("$$", "$");
            (format!("JBRIDGE_{name}").into(), value.into())
        })
        .chain([("JBRIDGE_DATABASE_HOST".into(), "database".into())])
        .collect();
    assert!(variables.len() > 3, "{variables:?}");
    let config = load(None, variables.into_iter(), &Flags::default()).unwrap();
    assert_eq!(config.license.recipe.as_deref(), Some("md5($email . $group . $hash)"));
    assert_eq!(config.fallback.shadow, ["all"]);
    assert!(config.fallback.upstream.is_some());
}
