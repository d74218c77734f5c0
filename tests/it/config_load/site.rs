//! The fields of Joomla's that become keys (`docs/joomla.md`, "configuration.php").

use std::path::Path;

use jbackend_bridge::config::Config;
use jbackend_bridge::config::values::{MailTransport, Tls};
use secrecy::{ExposeSecret, SecretString};

use super::{Sources, password};

fn joomla(fields: &str) -> Config {
    Sources::new().joomla(fields).config()
}

fn exposed(secret: Option<&SecretString>) -> Option<&str> {
    secret.map(ExposeSecret::expose_secret)
}

/// Loads a site whose `configuration.php` is one of the vectors.
fn vector(text: &[u8]) -> Config {
    let sources = Sources::new().joomla("");
    std::fs::write(sources.folder.path().join("configuration.php"), text).unwrap();
    sources.config()
}

#[test]
fn a_file_written_by_joomla_5() {
    let config = vector(include_bytes!(
        "../../../crates/joomla-config/tests/vectors/configuration/01_j5_written.php"
    ));
    let database = &config.database;
    assert_eq!(database.host.as_deref(), Some("127.0.0.1"));
    assert_eq!(database.name.as_deref(), Some("joomla_db"));
    assert_eq!(database.user.as_deref(), Some("joomla"));
    assert_eq!(password(&config), Some("joomla"));
    assert_eq!(database.prefix.as_deref(), Some("j5_"));
    assert_eq!(database.tls, Tls::Off);
    assert_eq!(exposed(config.joomla.secret.as_ref()), Some("E6DpBmYBCtlUvtuo"));
    assert_eq!(config.joomla.site_name.as_deref(), Some("Example site"));
    assert_eq!(config.server.public_url, None);
    assert_eq!(config.mail.transport, Some(MailTransport::Sendmail));
    assert_eq!(config.mail.from.as_deref(), Some("admin@example.com"));
    assert_eq!(config.mail.from_name.as_deref(), Some("Example site"));
    assert_eq!(config.mail.sendmail.as_deref(), Some(Path::new("/usr/sbin/sendmail")));
    assert_eq!(config.mail.smtp_user, None);
}

#[test]
fn a_file_written_by_joomla_3() {
    let config = vector(include_bytes!(
        "../../../crates/joomla-config/tests/vectors/configuration/02_j3_written.php"
    ));
    assert_eq!(config.database.host.as_deref(), Some("localhost:3307"));
    assert_eq!(password(&config), Some("p'w\"d;$x//y/*z*/\\end"));
    assert_eq!(config.database.prefix.as_deref(), Some("jos_"));
    assert_eq!(exposed(config.joomla.secret.as_ref()), Some("FBVtggIk5lAzEU9H"));
    assert_eq!(config.joomla.site_name.as_deref(), Some("Bob's \\ \\\"Shop\\\" & <Co>"));
    assert_eq!(config.mail.transport, Some(MailTransport::Smtp));
    assert_eq!(config.mail.smtp_port, Some(587));
    assert_eq!(config.mail.smtp_security.as_deref(), Some("tls"));
}

#[test]
fn mailers() {
    let transport = |fields: &str| joomla(fields).mail.transport.unwrap();
    assert_eq!(transport("public $mailer = 'mail';"), MailTransport::Sendmail);
    assert_eq!(transport("public $mailer = 'sendmail';"), MailTransport::Sendmail);
    assert_eq!(transport("public $mailer = 'smtp';"), MailTransport::Smtp);
    assert_eq!(transport(""), MailTransport::Sendmail);
    for off in ["false", "'0'", "''", "0"] {
        let fields = format!("public $mailonline = {off}; public $mailer = 'smtp';");
        assert_eq!(transport(&fields), MailTransport::Off, "{off}");
    }
    for on in ["true", "'1'", "1"] {
        let fields = format!("public $mailonline = {on}; public $mailer = 'smtp';");
        assert_eq!(transport(&fields), MailTransport::Smtp, "{on}");
    }
}

#[test]
fn smtp_login_only_when_joomla_logs_in() {
    let smtp = "public $mailer = 'smtp'; public $smtphost = 'a:25;b'; public $smtpuser = 'u'; public $smtppass = 'p'; public $smtpport = '465'; public $smtpsecure = 'ssl';";
    for off in ["false", "'0'", "''", "0"] {
        let mail = joomla(&format!("{smtp} public $smtpauth = {off};")).mail;
        assert_eq!(
            (mail.smtp_user.as_deref(), exposed(mail.smtp_password.as_ref())),
            (None, None),
            "{off}"
        );
    }
    for on in ["true", "'1'", "1"] {
        let mail = joomla(&format!("{smtp} public $smtpauth = {on};")).mail;
        assert_eq!(
            (mail.smtp_user.as_deref(), exposed(mail.smtp_password.as_ref())),
            (Some("u"), Some("p"))
        );
        assert_eq!((mail.smtp_host.as_deref(), mail.smtp_port), (Some("a:25;b"), Some(465)));
        assert_eq!(mail.smtp_security.as_deref(), Some("ssl"));
    }
}

#[test]
fn addresses_for_replies_and_the_sites_own() {
    let config = joomla(
        "public $replyto = 'r@example.com'; public $replytoname = 'R'; public $live_site = 'https://example.com/shop';",
    );
    assert_eq!(config.mail.reply_to.as_deref(), Some("r@example.com"));
    assert_eq!(config.mail.reply_to_name.as_deref(), Some("R"));
    assert_eq!(config.server.public_url.as_deref(), Some("https://example.com/shop"));
    let config = joomla("public $replyto = ''; public $replytoname = ' '; public $live_site = '';");
    assert_eq!((config.mail.reply_to, config.mail.reply_to_name), (None, None));
    assert_eq!(config.server.public_url, None);
}

#[test]
fn encryption_of_the_database_connection() {
    let files = "public $dbsslca = ' /ca.pem '; public $dbsslcert = '/cert.pem'; public $dbsslkey = '/key.pem';";
    let tls = |fields: &str| joomla(&format!("{files} {fields}")).database;
    let path = |path: &str| Some(path.into());

    let database = tls("public $dbencryption = 0; public $dbsslverifyservercert = true;");
    assert_eq!((database.tls, database.tls_ca, database.tls_cert), (Tls::Off, None, None));
    let database = tls("public $dbencryption = 1; public $dbsslverifyservercert = '';");
    assert_eq!(
        (database.tls, database.tls_ca, database.tls_cert),
        (Tls::Required, path("/ca.pem"), None)
    );
    let database = tls("public $dbencryption = '2'; public $dbsslverifyservercert = true;");
    assert_eq!((database.tls, database.tls_ca), (Tls::Verify, path("/ca.pem")));
    assert_eq!((database.tls_cert, database.tls_key), (path("/cert.pem"), path("/key.pem")));
}

#[test]
fn a_database_url_replaces_the_sites_database_but_for_the_prefix() {
    let config = Sources::new()
        .joomla("public $dbtype = 'pgsql'; public $host = 'php'; public $user = 'php'; public $dbprefix = 'php_';")
        .toml("database.url = \"mysql://u:p@h/d\"")
        .config();
    assert_eq!((config.database.host, config.database.user), (None, None));
    assert_eq!(config.database.prefix.as_deref(), Some("php_"));
}

#[test]
fn a_socket_of_our_own_replaces_the_sites_host() {
    let config = Sources::new()
        .joomla("public $host = 'php'; public $user = 'php';")
        .toml("database.socket = \"/run/db.sock\"")
        .config();
    assert_eq!((config.database.host, config.database.user.as_deref()), (None, Some("php")));
}

#[test]
fn a_needed_field_that_only_php_knows_is_an_error() {
    let php = |fields: &str| Sources::new().joomla(fields).refusal();
    insta::assert_snapshot!(php("public $user = 'u';\npublic $password = getenv('PASS');"), @"`DIR/configuration.php` line 4: the value of `$password` needs PHP to be run (a call of `getenv()`): write the value into the bridge's configuration file");
    insta::assert_snapshot!(php("public $mailer = 'smtp'; public $smtphost = MAILHOST;"), @"`DIR/configuration.php` line 3: the value of `$smtphost` needs PHP to be run (the constant `MAILHOST`): write the value into the bridge's configuration file");
    insta::assert_snapshot!(php("public $dbtype = 'pgsql';"), @"`dbtype` in `DIR/configuration.php`, line 3: `pgsql` is neither MySQL nor MariaDB, and no other database can be read: name one of these in `[database] url`");
    insta::assert_snapshot!(php("public function __construct() { $this->user = 'x'; }"), @"`DIR/configuration.php` line 3: a constructor can change every field of `JConfig`, and PHP code is not run here: write the values into the bridge's configuration file and leave out the Joomla folder");
}

#[test]
fn a_field_that_only_php_knows_stops_nobody_where_the_key_is_set() {
    let set = [
        ("host", "JBRIDGE_DATABASE_HOST"),
        ("user", "JBRIDGE_DATABASE_USER"),
        ("password", "JBRIDGE_DATABASE_PASSWORD"),
        ("db", "JBRIDGE_DATABASE_NAME"),
        ("dbprefix", "JBRIDGE_DATABASE_PREFIX"),
        ("secret", "JBRIDGE_JOOMLA_SECRET"),
        ("sitename", "JBRIDGE_JOOMLA_SITE_NAME"),
        ("live_site", "JBRIDGE_SERVER_PUBLIC_URL"),
        ("mailfrom", "JBRIDGE_MAIL_FROM"),
        ("fromname", "JBRIDGE_MAIL_FROM_NAME"),
        ("replyto", "JBRIDGE_MAIL_REPLY_TO"),
        ("replytoname", "JBRIDGE_MAIL_REPLY_TO_NAME"),
        ("smtphost", "JBRIDGE_MAIL_SMTP_HOST"),
        ("smtpsecure", "JBRIDGE_MAIL_SMTP_SECURITY"),
        ("smtpuser", "JBRIDGE_MAIL_SMTP_USER"),
        ("smtppass", "JBRIDGE_MAIL_SMTP_PASSWORD"),
    ];
    let number = [("smtpport", "JBRIDGE_MAIL_SMTP_PORT", "26")];
    let rest = "public $mailer = 'smtp'; public $smtpauth = true;";
    for (field, variable, value) in
        set.map(|(field, name)| (field, name, "set")).into_iter().chain(number)
    {
        let fields = format!("{rest} public ${field} = getenv('X');");
        let sources = Sources::new().joomla(&fields);
        assert!(
            sources.refusal().contains(&format!("the value of `${field}` needs PHP")),
            "{field}"
        );
        Sources::new().joomla(&fields).variable(variable, value).config();
    }
}

#[test]
fn regression_fields_nobody_needs_were_read() {
    let php = |fields: &str| Sources::new().joomla(fields);
    php("public $dbencryption = getenv('X');").variable("JBRIDGE_DATABASE_TLS", "off").config();
    php("public $smtphost = getenv('X'); public $smtpauth = getenv('X'); public $mailer = 'sendmail';").config();
    php("public $sendmail = getenv('X'); public $mailer = 'smtp';").config();
    php("public $mailfrom = getenv('X'); public $mailonline = false;").config();
    php("public $smtpauth = getenv('X'); public $mailer = 'smtp';")
        .toml("[mail]\nsmtp_user = \"\"\nsmtp_password = \"\"")
        .config();
    php("public $mailer = getenv('X'); public $mailonline = getenv('X'); public $smtphost = getenv('X');")
        .variable("JBRIDGE_MAIL_TRANSPORT", "off")
        .config();
    php("public $session_handler = getenv('X'); public $tmp_path = __FILE__;").config();
}

#[test]
fn a_folder_without_a_site_is_named() {
    let mut sources = Sources::new();
    sources.flags.joomla_root = Some(sources.folder.path().into());
    insta::assert_snapshot!(sources.refusal(), @"`DIR/configuration.php` does not exist: give the folder of the Joomla site that holds `configuration.php`");
}
