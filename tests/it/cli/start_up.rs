//! Faults that keep the bridge from starting: one sentence with advice, exit code 2, no secret.

use std::net::TcpListener;

use testkit::fixture::{self, Schema};
use testkit::mariadb::MariaDb;

use super::{program, refusal, run, serve, write_configuration_php};
use crate::common::site::Site;

const RECIPE: &str = "[license]\nrecipe = 'md5($email . $group . $hash)'\n";

async fn site() -> Site {
    let site = Site::new(Schema::Joomla5).await;
    write_configuration_php(&site, &[]);
    site
}

/// Returns the message about a configuration file, on a site without faults.
async fn about(toml: &str) -> String {
    let site = site().await;
    refusal(&site, serve(&site, toml)).await
}

#[tokio::test]
async fn nothing_to_serve_and_unreadable_files() {
    let one = async |arguments: &[&str]| {
        let run = run(program(arguments)).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
        run.stderr
    };
    insta::assert_snapshot!(one(&["serve"]).await, @"error: no site is named: give the Joomla folder with `--joomla-root DIR`, or a configuration file with `--config FILE`");
    insta::assert_snapshot!(one(&["serve", "--config", "/nowhere.toml"]).await, @"error: cannot read the configuration file `/nowhere.toml`: No such file or directory (os error 2): correct its path or rights");
    insta::assert_snapshot!(one(&["serve", "--joomla-root", "/nowhere"]).await, @"error: `/nowhere/configuration.php` does not exist: give the folder of the Joomla site that holds `configuration.php`");
    let run = run({
        let mut command = program(&["serve"]);
        command.env("JBRIDGE_CONFIG", "/from/the/environment.toml").env("JBRIDGE_CONFG", "x");
        command
    });
    assert!(run.await.stderr.contains("/from/the/environment.toml"));
}

#[tokio::test]
async fn database_account_and_name() {
    let site = site().await;
    let with = async |fields: &[(&str, &str)]| {
        write_configuration_php(&site, fields);
        refusal(&site, serve(&site, RECIPE)).await
    };
    insta::assert_snapshot!(with(&[("password", "hunter2")]).await, @"error: the database at `ADDRESS` refuses the account `bridge`: correct `user` and `password` in `[database]` or configuration.php, and check that the account may log in from `127.0.0.1`, as the server sees this machine (an account made for a host name, like `localhost`, may not where `skip_name_resolve` is on), and without encryption (else set `tls` in `[database]`)");
    insta::assert_snapshot!(with(&[("db", "no_such_site")]).await, @"error: there is no database `no_such_site` at `ADDRESS` for the account `bridge`: correct `name` in `[database]` or `db` in configuration.php, or grant SELECT on it");
    insta::assert_snapshot!(with(&[("dbtype", "pgsql")]).await, @"error: `dbtype` in `DIR/configuration.php`, line 11: `pgsql` is neither MySQL nor MariaDB, and no other database can be read: name one of these in `[database] url`");
}

#[tokio::test]
async fn database_down() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let site = site().await;
    let host = format!("127.0.0.1:{port}");
    write_configuration_php(&site, &[("host", &host)]);
    let message = refusal(&site, serve(&site, RECIPE)).await.replace(&host, "ADDRESS");
    insta::assert_snapshot!(message, @"error: cannot reach the database at `ADDRESS`: Connection refused (os error 111): start it, or correct `host`, `port` or `socket` in `[database]` or configuration.php");
    write_configuration_php(&site, &[("host", "127.0.0.1:/nowhere/mysqld.sock")]);
    insta::assert_snapshot!(refusal(&site, serve(&site, RECIPE)).await, @"error: cannot reach the database at `/nowhere/mysqld.sock`: No such file or directory (os error 2): start it, or correct `host`, `port` or `socket` in `[database]` or configuration.php");
}

#[tokio::test]
async fn wrong_prefix_and_missing_tables() {
    let site = site().await;
    write_configuration_php(&site, &[("dbprefix", "other_")]);
    let message = refusal(&site, serve(&site, RECIPE)).await;
    insta::assert_snapshot!(message.replace(fixture::prefix(), "PREFIX_"), @"error: there is no table `other_users` in the database `DATABASE` at `ADDRESS`: set `prefix` in `[database]` to `PREFIX_`, the only one it holds");

    let empty = MariaDb::shared().empty_database().await;
    let site = Site::on(&empty);
    write_configuration_php(&site, &[("dbprefix", "jos_")]);
    insta::assert_snapshot!(refusal(&site, serve(&site, RECIPE)).await, @"error: there is no table `jos_users` in the database `DATABASE` at `ADDRESS`: it holds no Joomla site; correct `name` in `[database]`");
}

#[tokio::test]
async fn plugin_row_absent_or_unreadable() {
    let site = site().await;
    let update = "UPDATE #__extensions SET params = ";
    let row = " WHERE element = 'release' AND folder = 'jbackend'";
    let message =
        async || refusal(&site, serve(&site, RECIPE)).await.replace(fixture::prefix(), "PREFIX_");

    site.run(&format!("{update}'{{\"folder\":' {row}")).await;
    insta::assert_snapshot!(message().await, @"error: the plugin's `params` column holds no valid JSON (line 1, column 10): save the plugin's settings in Joomla again");
    site.run(&format!(
        "{update}'{{\"dir\":\"files\",\"groups\":\"\",\"packages\":\"g;1;HASH123KEY456\"}}' {row}"
    ))
    .await;
    insta::assert_snapshot!(message().await, @r#"error: the plugin's `params` column has no setting for "Folder"; the names found are `dir`, `groups`, `packages`: name the right one in `[release.param_names]`"#);
    site.run("DELETE FROM #__extensions WHERE element = 'release'").await;
    insta::assert_snapshot!(message().await, @"error: the plugin jBackend Release System is not in `PREFIX_extensions` (type plugin, folder jbackend, element release): check the table prefix, or put `folder`, `groups` and `packages` into `[release]`");
}

#[tokio::test]
async fn no_recipe_or_a_broken_one() {
    insta::assert_snapshot!(about("").await, @r#"error: no license key formula: without the one of the site's plugin every key it has issued would be refused. Copy the formula from the plugin's source into `recipe` in `[license]` (or `--recipe`), for example `recipe = 'md5($email . $group . $hash)'`; on a site that has issued no keys yet set `recipe = "default"`"#);
    insta::assert_snapshot!(about("[license]\nrecipe = 'md5($email . $grp)'").await, @"error: `license.recipe`: column 14: unknown name `grp`: known are `$email`, `$username`, `$name`, `$user_id`, `$group`, `$group_name`, `$hash`, `$secret`; docs/recipes.md explains formulas");
    insta::assert_snapshot!(about("[license]\nrecipe = 'md5($email'").await, @"error: `license.recipe`: column 10: expected `.`, `,` or `)` but found the end; docs/recipes.md explains formulas");
    insta::assert_snapshot!(about("[license]\nrecipe = ''").await, @"error: `license.recipe`: column 1: the recipe is empty: write the plugin's PHP expression, or `default`; docs/recipes.md explains formulas");
    insta::assert_snapshot!(about(&format!("{RECIPE}accepted_recipes = [\"md5(\"]")).await, @"error: `license.accepted_recipes`: column 4: expected a name, text, number or function but found the end; docs/recipes.md explains formulas");
}

#[tokio::test]
async fn keys_and_dates() {
    insta::assert_snapshot!(about(&format!("{RECIPE}accepted_hashes = [{{ group = \"g\", hash = \"hunter2\", until = \"31.12.2030\" }}]")).await, @"error: `license.accepted_hashes`: `31.12.2030` is no date: write the last day it counts as `2030-12-31`");
    insta::assert_snapshot!(about(&format!("{RECIPE}accepted_keys = \"/nowhere/keys.csv\"")).await, @"error: `license.accepted_keys`, file `/nowhere/keys.csv`: No such file or directory (os error 2): correct its path or rights");
    let site = site().await;
    let csv = site.folder.path().join("keys.csv");
    std::fs::write(&csv, "email,group,key\na@example.com,g,hunter2\na@example.com,hunter2\n")
        .unwrap();
    let toml = format!("{RECIPE}accepted_keys = \"{}\"", csv.display());
    insta::assert_snapshot!(refusal(&site, serve(&site, &toml)).await, @"error: `license.accepted_keys`, file `DIR/keys.csv`: line 3: 2 fields where the heading has 3: write one for each, empty or not");
}

#[tokio::test]
async fn values_that_make_no_sense() {
    let about = async |toml: &str| about(&format!("{RECIPE}{toml}")).await;
    insta::assert_snapshot!(about("[joomla]\nversion = \"five\"").await, @"error: `joomla.version`: not a Joomla version: write it as `5.3` or `3.10.11`");
    insta::assert_snapshot!(about("[server]\nsocket_mode = \"rw\"").await, @"error: `server.socket_mode`: `rw` is no octal permission: write one like `660`");
    insta::assert_snapshot!(about("[log]\nlevel = \"loud\"").await, @"error: `log.level`: `loud` is no log level: use `error`, `warn`, `info`, `debug`, or a filter like `info,mysql_async=warn`");
    insta::assert_snapshot!(about("[log]\nlevel = \"mysql_async=warn\"").await, @"error: `log.level`: `mysql_async=warn` has no level for the rest of the program: use `error`, `warn`, `info`, `debug`, or a filter like `info,mysql_async=warn`");
    insta::assert_snapshot!(about("[log]\nlevel = \"a=b=c\"").await, @"error: `log.level`: `a=b=c` is no log level: use `error`, `warn`, `info`, `debug`, or a filter like `info,mysql_async=warn`");
    insta::assert_snapshot!(about("[release]\nfolder = \"files\"").await, @"error: `[release]` sets some of `folder`, `groups` and `packages`: they replace the plugin's settings as a whole, so set `folder` and `packages` (and `groups` for paid packages), or none of them");
    insta::assert_snapshot!(about("[mail]\ntransport = \"file\"\nfrom = \"a@example.com\"").await, @"error: `mail.outbox` is not set: name the folder for `.eml` files");
    insta::assert_snapshot!(about("[mail]\ntransport = \"smtp\"\nfrom = \"a@example.com\"\nsmtp_port = 70000").await, @"error: `mail.smtp_port`: 70000 is no TCP port: use 1 to 65535");
    insta::assert_snapshot!(about("[mail]\ntransport = \"smtp\"\nfrom = \"a@example.com\"\nsmtp_helo = \"a b\"").await, @"error: `mail.smtp_helo` is no host name: use letters, digits, dots and hyphens only");
    insta::assert_snapshot!(about("[database]\nprefix = \"a b\"").await, @"error: the table prefix `a b` is not valid: use at most 46 ASCII letters, digits and `_`, as in `$dbprefix` of the site's configuration.php");
    insta::assert_snapshot!(about("[database]\nport = 70000").await, @"error: `database.port`: 70000 is no TCP port: use 1 to 65535");
    for workers in ["0", "65"] {
        let message =
            about(&format!("[updates]\nenabled = false\nchecksum_workers = {workers}")).await;
        let reason = "is no number of packages to read at the same time: use 1 to 64";
        assert_eq!(message, format!("error: `updates.checksum_workers`: {workers} {reason}"));
    }
    insta::assert_snapshot!(about("[database]\nurl = \"postgres://u:hunter2@h/d\"").await, @"error: `database.url` is not valid: write `mysql://user:password@host:port/name` (with `%40` for `@`, `%2F` for `/`, `%3A` for `:`, `%3F` for `?`, `%23` for `#`, `%25` for `%` in the parts) or `sqlite:/path/to/file.db`; or set `host`, `name`, `user` and `password` in its place, which take every character as it is");
}

#[tokio::test]
async fn regression_a_password_with_a_bare_slash_was_shown_as_the_databases_name() {
    insta::assert_snapshot!(about(&format!("{RECIPE}[database]\nurl = \"mysql://u:1234/hunter2@h/d\"")).await, @"error: `database.url` is not valid: write `mysql://user:password@host:port/name` (with `%40` for `@`, `%2F` for `/`, `%3A` for `:`, `%3F` for `?`, `%23` for `#`, `%25` for `%` in the parts) or `sqlite:/path/to/file.db`; or set `host`, `name`, `user` and `password` in its place, which take every character as it is");
}

#[tokio::test]
async fn broken_letters() {
    let site = site().await;
    let letters = site.folder.path().join("letters");
    let toml = format!("{RECIPE}[mail]\ntemplates = \"{}\"", letters.display());
    insta::assert_snapshot!(refusal(&site, serve(&site, &toml)).await, @"error: `DIR/letters` is no folder with letter templates: create it, or leave the setting out");
    std::fs::create_dir(&letters).unwrap();
    let message = async |text: &[u8]| {
        std::fs::write(letters.join("body.txt.j2"), text).unwrap();
        refusal(&site, serve(&site, &toml)).await
    };
    insta::assert_snapshot!(message(b"{{ user_name }\n").await, @"error: letter template `DIR/letters/body.txt.j2`, line 1: syntax error: unexpected `}`, expected end of variable block; correct that line");
    insta::assert_snapshot!(message(b"\n{{ username }}\n").await, @"error: letter template `DIR/letters/body.txt.j2`, line 2: unknown value `username`; use `site_name`, `user_name`, `email`, `package_group_name`, `key`, `dlid`");
    insta::assert_snapshot!(message(b"\xff").await, @"error: cannot read the letter template `DIR/letters/body.txt.j2`: stream did not contain valid UTF-8; make it a readable UTF-8 text file");
}

#[tokio::test]
async fn sockets() {
    let site = site().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let message = async |listen: &str| {
        let root = site.folder.path().to_str().unwrap();
        let arguments = ["serve", "--joomla-root", root, "--recipe", "default", "--listen", listen];
        refusal(&site, program(&arguments)).await
    };
    insta::assert_snapshot!(message(&address).await.replace(&address, "TAKEN"), @"error: cannot listen on `TAKEN`: Address already in use (os error 98): choose another address with `--listen`, or with `listen` in `[server]`");
    insta::assert_snapshot!(message("everywhere").await, @"error: `server.listen` in the flag `--listen`: `everywhere` is no address: write a port like `8080`, `127.0.0.1:8080`, `unix:/path` or `systemd`");
    insta::assert_snapshot!(message("192.0.2.1:80").await, @"error: cannot listen on `192.0.2.1:80`: Cannot assign requested address (os error 99): choose another address with `--listen`, or with `listen` in `[server]`");
    insta::assert_snapshot!(message("unix:/proc/nowhere/bridge.sock").await, @"error: cannot listen on the unix socket `/proc/nowhere/bridge.sock`: No such file or directory (os error 2): make its folder, and make it writable, or choose another path with `--listen`, or with `listen` in `[server]`");
    insta::assert_snapshot!(message("systemd").await, @r#"error: `listen = "systemd"`, but systemd has handed over no socket: start the socket unit"#);
}

#[tokio::test]
async fn addresses_that_are_none() {
    for url in [
        "www.example.com",
        "//www.example.com",
        "ftp://www.example.com",
        "https://",
        "https://:443",
        "https://www.example.com:0",
        "https://www.example.com:99999",
        "https://www.example.com?x=1",
        "https://www.example.com#top",
        "https://a:hunter2@www.example.com",
        "https://www example.com",
        " https://www.example.com",
    ] {
        let message = about(&format!("{RECIPE}[server]\npublic_url = '{url}'\n")).await;
        assert_eq!(
            message,
            "error: `public_url` in `[server]`, or `live_site` in configuration.php: no address of a \
             site: write `https://www.example.com`, with the folder where Joomla is in one",
            "{url}"
        );
    }
    let site = site().await;
    write_configuration_php(&site, &[("live_site", "www.example.com")]);
    let message = refusal(&site, serve(&site, RECIPE)).await;
    assert!(message.contains("`live_site` in configuration.php: no address"), "{message}");
    for (toml, told) in [
        ("[database]\nport = 0\n", "`database.port`: 0 is no TCP port"),
        (
            "[mail]\ntransport = 'smtp'\nfrom = 'a@b.example'\nsmtp_port = 0\n",
            "`mail.smtp_port`: 0 is no",
        ),
        ("[fallback]\nupstream = 'http://127.0.0.1:0'\n", "`http://127.0.0.1:0` is no web server"),
        ("[fallback]\nupstream = 'http://::1:80'\n", "`http://::1:80` is no web server"),
        ("[fallback]\nupstream = 'http://[::x]:80'\n", "`http://[::x]:80` is no web server"),
        ("[fallback]\nupstream = 'http://.:80'\n", "`http://.:80` is no web server"),
        ("[updates]\ntargetplatform = '4|5'\n", "`updates.targetplatform`: `4|5` holds a `|`"),
        (
            "[updates]\npackages = [{ package = 'a', targetplatform = '4|5' }]\n",
            "`updates.packages`, number 1: `targetplatform`: `4|5` holds a `|`",
        ),
    ] {
        let message = about(&format!("{RECIPE}{toml}")).await;
        assert!(message.contains(told), "{toml}: {message}");
    }
}

#[tokio::test]
async fn an_upstream_that_is_the_bridge_itself() {
    let site = site().await;
    // A flag would override the address in the file.
    let about = async |toml: &str| {
        let file = site.folder.path().join("bridge.toml");
        std::fs::write(&file, toml).unwrap();
        let root = site.folder.path().to_str().unwrap();
        let arguments = ["serve", "--config", file.to_str().unwrap(), "--joomla-root", root];
        refusal(&site, program(&arguments)).await
    };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (listen, upstream) in [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "localhost"),
        ("localhost", "127.0.0.1"),
        ("127.0.0.1", "0.0.0.0"),
        ("0.0.0.0", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.9"),
        ("[::]", "127.0.0.1"),
        ("[::]", "[::1]"),
        ("[::1]", "[::1]"),
        ("[::1]", "[::]"),
    ] {
        let toml = format!(
            "{RECIPE}[server]\nlisten = '{listen}:{port}'\n[fallback]\n\
             upstream = 'http://{upstream}:{port}'\n"
        );
        let message = about(&toml).await;
        assert!(
            message.contains("is the bridge itself (`listen` in `[server]`)"),
            "{listen} {upstream}: {message}"
        );
    }
    let admin = format!(
        "{RECIPE}[admin]\nlisten = '{port}'\n[fallback]\nupstream = 'http://localhost:{port}'\n"
    );
    let message = about(&admin).await.replace(&port.to_string(), "PORT");
    insta::assert_snapshot!(message, @"error: `upstream` in `[fallback]`, `http://localhost:PORT`, is the bridge itself (`listen` in `[admin]`), so requests would go in a circle: name the address where the site's own web server listens, for example `http://127.0.0.1:8081`");
}
