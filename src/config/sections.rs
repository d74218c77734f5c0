//! The sections of the configuration, key by key.
//!
//! `config.example.toml` is made from this file: its comments are the operator's manual.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

pub use super::operation::{Admin, Ledger, Log, Releases};

use super::offload::{OffloadPrefix, OffloadTo};
use super::section::{section, setting};
use super::shared_limits::RedisUrl;
use super::values::{
    AcceptedHash, CodeName, HttpStatus, Listen, MailTransport, PackageFilesRule, ParamName,
    Privacy, StandbyRule, Tls, TrustedProxy, TwoFactor, UpdateFields, Upstream, Versions,
};

setting!(Listen, Text);
setting!(HttpStatus, Text);
setting!(Privacy, Text);
setting!(TwoFactor, Text);
setting!(StandbyRule, Text);
setting!(Tls, Text);
setting!(MailTransport, Text);
setting!(Upstream, Text);
setting!(PackageFilesRule, Text);
setting!(ParamName, Table);
setting!(Vec<TrustedProxy>, List);
setting!(Vec<AcceptedHash>, Table);
setting!(Versions, Text);
setting!(OffloadTo, Text);
setting!(OffloadPrefix, Text);
setting!(Vec<UpdateFields>, Table);
setting!(RedisUrl, Secret);

section! {
    /// The address of the bridge, its connections, and the proxies it trusts.
    "server" Server {
        /// Address to listen on: `host:port`, `unix:/path/to.sock`, or `systemd` for sockets that
        /// systemd hands over.
        listen: Listen = Listen::default() => "\"127.0.0.1:8080\"";
        /// Permission bits of the unix socket, octal.
        socket_mode: String = "660".into();
        /// The site's address as visitors see it. If Joomla is in a subdirectory, add its path.
        public_url: Option<String> = None => "\"https://www.example.com\"";
        /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses,
        /// networks (`10.0.0.0/8`) or `unix` for the unix socket. Forwarding headers of other peers
        /// are ignored.
        trusted_proxies: Vec<TrustedProxy> = TrustedProxy::defaults()
            => "[\"127.0.0.0/8\", \"::1\", \"unix\"]";
        /// Connections served at the same time. If there are more, idle ones are closed for them.
        /// If none is idle, they wait in the system's queue.
        max_connections: u64 = 1024;
        /// Connections of one address (for IPv6: of one /64 network). Behind a trusted proxy:
        /// requests of one address at the same time; the proxy's own connections do not count. Not
        /// set: a quarter of `max_connections`. Set it higher if many customers share an address.
        max_connections_per_address: Option<u64> = None => "256";
        /// Seconds in which a client must send the head of a request.
        header_timeout: u64 = 10;
        /// Seconds a client may be silent while it sends a body; the whole body may take three
        /// times as long.
        body_timeout: u64 = 20;
        /// Seconds a client may stop reading before its connection is closed.
        write_timeout: u64 = 60;
        /// Seconds for running downloads to finish when the bridge is stopped.
        shutdown_deadline: u64 = 30;
        /// Memory that all running downloads share, in MiB.
        download_memory: u64 = 64;
    }
}

section! {
    /// The Joomla site.
    "joomla" Joomla {
        /// The site's folder, with `configuration.php` in it. Database, secret, mail settings and
        /// the site's name are read from that file unless they are set here.
        root: Option<PathBuf> = None => "\"/var/www/html\"";
        /// Joomla version, `3.10` or `5.3`. Not set: it is read from the database. It decides which
        /// kinds of password hashes can log in.
        version: Option<String> = None => "\"5.3\"";
        /// The site's `$secret`, for recipes that use it.
        secret: Option<SecretString> = None => "\"…\"";
        /// The site's name, as the license mails show it.
        site_name: Option<String> = None => "\"Example Extensions\"";
        /// Use the end-points of the site's menu. `false`: only those under `[[endpoints]]`.
        menu: bool = true;
        /// Read as jBackend 3 does: also parameters from JSON bodies, and the API key from a header
        /// `Authorization: api_key <KEY>`.
        jbackend3: bool = false;
        /// The site has search engine friendly URLs. Without them, no path leads to an end-point.
        sef: bool = true;
        /// The site adds a suffix (`.html`) to its URLs.
        sef_suffix: bool = false;
        /// Joomla's own `force_ssl`: 2 redirects every request without TLS to https.
        force_ssl: u64 = 0;
        /// Joomla's session handler; end-points for users need `database`.
        session_handler: String = "database".into();
        /// Minutes a session lives after its last use.
        lifetime: u64 = 15;
        /// `$session_name`: the cookie's name is made from it and the secret.
        session_name: String = "site".into();
        /// Name of the session cookie. Not set: it is made from the secret.
        session_cookie: Option<String> = None => "\"0123456789abcdef0123456789abcdef\"";
    }
}

section! {
    /// The site's database: MySQL or MariaDB, or a SQLite file.
    "database" Database {
        /// The whole address: `mysql://user:password@host:port/name` or `sqlite:/path/to/file.db`.
        /// The keys below win over its parts.
        url: Option<SecretString> = None => "\"mysql://joomla:…@127.0.0.1:3306/joomla\"";
        /// Host, in Joomla's notations: `name`, `name:port`, `name:/path/to.sock`, `[::1]:3306`.
        host: Option<String> = None => "\"localhost\"";
        /// TCP port, if `host` names none.
        port: Option<u64> = None => "3306";
        /// Unix socket, instead of host and port.
        socket: Option<PathBuf> = None => "\"/run/mysqld/mysqld.sock\"";
        /// Name of the database.
        name: Option<String> = None => "\"joomla\"";
        /// Account. It only needs the right to read a few columns: `sql/grants.sql` makes such an
        /// account.
        user: Option<String> = None => "\"joomla\"";
        /// The account's password.
        password: Option<SecretString> = None => "\"…\"";
        /// Table prefix with its `_`: `$dbprefix` in configuration.php.
        prefix: Option<String> = None => "\"jos_\"";
        /// Never write: end-points with API keys answer `REQ_AKG`, and no trace rows are kept.
        read_only: bool = false;
        /// Account for counting API keys and adding trace rows. Not set: the account above.
        writer_user: Option<String> = None => "\"jbackend_writer\"";
        /// Its password.
        writer_password: Option<SecretString> = None => "\"…\"";
        /// TLS to the server: `off`, `required` (encrypted, any certificate is accepted) or
        /// `verify` (certificate, time and name are checked); see docs/operations.md, "TLS to
        /// servers". If it is set here, the certificate files of configuration.php are not used.
        tls: Tls = Tls::Off => "\"off\"";
        /// File with the CA certificates that sign the server's certificate, or with that
        /// certificate itself; PEM.
        tls_ca: Option<PathBuf> = None => "\"/etc/ssl/db-ca.pem\"";
        /// File with the bridge's certificate, PEM; together with `tls_key`.
        tls_cert: Option<PathBuf> = None => "\"/etc/ssl/db-client.pem\"";
        /// File with the bridge's key, PEM.
        tls_key: Option<PathBuf> = None => "\"/etc/ssl/db-client.key\"";
        /// Open connections, 1 to 8. They share the server's limit with Joomla.
        pool_size: u64 = 4;
        /// Seconds until the bridge gives up a connection attempt.
        connect_timeout: u64 = 3;
        /// Seconds until the bridge and the server give up a query.
        query_timeout: u64 = 2;
        /// `on`: copy the data for answers into a file, and answer from it when the database has
        /// failed; see docs/operations.md, "When the database is gone". `off`: make no copy.
        snapshot: StandbyRule = StandbyRule::Off => "\"off\"";
        /// The file. It contains names and e-mail addresses, so only the service's user may read
        /// it.
        snapshot_file: PathBuf = "/var/lib/jbackend-bridge/snapshot.db".into();
        /// Seconds from one copy to the next.
        snapshot_every: u64 = 300;
        /// Seconds after which a copy is too old for answers.
        snapshot_max_age: u64 = 3600;
        /// Copy the password hashes, too. Then keybyauth works from the copy.
        snapshot_passwords: bool = false;
    }
}

section! {
    /// The Release System: the plugin's settings, and the form of answers.
    "release" Release {
        /// Package folder, relative to the Joomla root. Leave out `folder`, `groups` and `packages`
        /// to use the plugin's settings in Joomla. If they are set here, the three replace those
        /// settings entirely.
        folder: Option<String> = None => "\"files\"";
        /// Package groups, one a line: `package group;groups[;hash;package name]`.
        groups: Option<Vec<String>> = None => "[\"redj_enterprise;9,12;HASH123KEY456;ReDJ Enterprise\"]";
        /// Packages, one a line: `package id;package path[;package group]`.
        packages: Option<Vec<String>> = None
            => "[\"redj_ent_190;/private/redj/ReDJ1.9.0.zip;redj_enterprise\"]";
        /// JSON names of the three settings in the plugin's `params`, if they are not found without
        /// help.
        param_names: ParamName = ParamName::default()
            => "{ folder = \"folder\", groups = \"groups\", packages = \"packages\" }";
        /// Folders outside the package folder that symlinks in it may lead to.
        allow_roots: Vec<String> = Vec::new();
        /// HTTP status of refusals: `always-200` (as the original), `real`, or `joomla-updater`
        /// (real ones only for Joomla's updater, which shows them to the administrator).
        http_status: HttpStatus = HttpStatus::Always200 => "\"always-200\"";
        /// Other names or texts for error codes.
        error_codes: BTreeMap<String, CodeName> = BTreeMap::new()
            => "{ REL_KNV = { code = \"REL_XYZ\", text = \"Key not valid\" } }";
        /// A child user group counts as a member of its parents, as in Joomla's own access checks.
        inherit_groups: bool = false;
        /// `original`: refusals show whether an e-mail address has an account, as in the protocol.
        /// `uniform`: they do not.
        privacy: Privacy = Privacy::Original => "\"original\"";
        /// `joomla`: a second factor stops keybyauth if it stops a Joomla login. `refuse`: it
        /// always does.
        two_factor: TwoFactor = TwoFactor::Joomla => "\"joomla\"";
        /// Add the one-field key to the end of keybyauth's answer: `"dlid":"<user id>:<key>"`.
        dlid_in_json: bool = false;
        /// Answer `REQ_MNF` while the plugin is disabled in Joomla, as the original does.
        require_enabled: bool = false;
        /// Seconds after which changed settings are in force.
        refresh: u64 = 5;
        /// Logins that may wait for a free processor; more are answered `REL_RLE` at once.
        login_queue: u64 = 32;
    }
}

section! {
    /// How package files are sent.
    "packages" Packages {
        /// The sender of the files, once the bridge has allowed the download: `off` (the bridge),
        /// `x-accel-redirect` (nginx in front of it) or `x-sendfile` (Apache with `mod_xsendfile`).
        /// The web server must be set up for it, see docs/offload.md. Peers that are not in
        /// `trusted_proxies` get the file from the bridge.
        offload: OffloadTo = OffloadTo::Off => "\"off\"";
        /// The internal location of nginx that leads to the package folder.
        offload_prefix: OffloadPrefix = OffloadPrefix::default() => "\"/.jbackend-packages\"";
    }
}

section! {
    /// License keys. The recipe is explained in docs/recipes.md.
    "license" License {
        /// The formula of the license keys, copied from the site's plugin, or `default` on a site
        /// that has issued no keys yet.
        recipe: Option<String> = None => "\"md5($email . $group . $hash)\"";
        /// Further formulas whose keys are accepted.
        accepted_recipes: Vec<String> = Vec::new();
        /// Former seeds of a package group. They are accepted until the end of the date, if one is
        /// given.
        accepted_hashes: Vec<AcceptedHash> = Vec::new()
            => "[{ group = \"redj_enterprise\", hash = \"…\", until = \"2030-12-31\" }]";
        /// CSV file with keys that follow no formula: `email,group,key`.
        accepted_keys: Option<PathBuf> = None => "\"/etc/jbackend-bridge/keys.csv\"";
        /// Other spellings of the names in a recipe.
        spellings: BTreeMap<String, String> = BTreeMap::new() => "{ \"$user->email\" = \"email\" }";
        /// Package groups whose guessable keys need no warning.
        allow_guessable: Vec<String> = Vec::new();
    }
}

section! {
    /// Mail. Keys that are not set come from configuration.php.
    "mail" Mail {
        /// `smtp`, `sendmail`, `file` (`.eml` files into `outbox`) or `off`.
        transport: Option<MailTransport> = None => "\"smtp\"";
        /// Sender's address.
        from: Option<String> = None => "\"licenses@example.com\"";
        /// Sender's name.
        from_name: Option<String> = None => "\"Example Extensions\"";
        /// Address for replies.
        reply_to: Option<String> = None => "\"support@example.com\"";
        /// Name for replies.
        reply_to_name: Option<String> = None => "\"Support\"";
        /// SMTP server, in Joomla's notations: `host`, `host:port`, `a:25;b:26`, `ssl://host`.
        smtp_host: Option<String> = None => "\"localhost\"";
        /// SMTP port, if `smtp_host` names none: mostly 25, 587 (`tls`) or 465 (`ssl`).
        smtp_port: Option<u64> = None => "25";
        /// `none` (STARTTLS if the server offers it, as Joomla does), `tls` (STARTTLS, required),
        /// `ssl` (TLS from the start) or `plain` (never encrypted, for a server on this machine).
        smtp_security: Option<String> = None => "\"tls\"";
        /// SMTP account. Not set: no login.
        smtp_user: Option<String> = None => "\"licenses@example.com\"";
        /// Its password.
        smtp_password: Option<SecretString> = None => "\"…\"";
        /// File with further CA certificates for the mail server, or with the server's own
        /// certificate; PEM.
        smtp_ca: Option<PathBuf> = None => "\"/etc/ssl/mail-ca.pem\"";
        /// Name in the greeting to the SMTP server. Not set: the name of this machine, or the host
        /// of `public_url` if the server refuses that name, as it may for a container.
        smtp_helo: Option<String> = None => "\"shop.example.com\"";
        /// The sendmail program.
        sendmail: Option<PathBuf> = None => "\"/usr/sbin/sendmail\"";
        /// Folder for `.eml` files.
        outbox: Option<PathBuf> = None => "\"/var/spool/jbackend-bridge\"";
        /// Folder with `subject.txt.j2`, `body.txt.j2` and `body.html.j2`: your letter instead of
        /// the built-in one.
        templates: Option<PathBuf> = None => "\"/etc/jbackend-bridge/letters\"";
        /// Seconds for the whole exchange with the mail server.
        timeout: u64 = 15;
    }
}

section! {
    /// The rest of the site, if the bridge is in front of all of it; see docs/fallback.md.
    "fallback" Fallback {
        /// The site's web server. All requests that are not for the release module go to it. Not
        /// set: such requests are answered with the core's codes, or 404.
        upstream: Option<Upstream> = None => "\"http://127.0.0.1:8081\"";
        /// Seconds until the bridge gives up a connection attempt.
        connect_timeout: u64 = 5;
        /// Seconds without a byte in either direction until the bridge gives up a request.
        idle_timeout: u64 = 60;
        /// Requests for files in the package folder, if it lies below the site's folder: `refuse`,
        /// or `allow` to pass them to the site.
        package_files: PackageFilesRule = PackageFilesRule::Refuse => "\"refuse\"";
        /// Pass on the site's `X-Accel-…` and `X-Sendfile` headers. They make a web server in front
        /// of the bridge send one of its own files.
        pass_offload_headers: bool = false;
        /// Shadow mode: PHP still answers these resources, while the bridge computes its own answer
        /// and logs the differences. `["all"]`, or some of `keybyemail`, `keybyauth`, `validate`,
        /// `verify`, `download`. Empty: the bridge answers.
        shadow: Vec<String> = Vec::new();
        /// Answers computed beside PHP's at the same time. Further ones are left out and counted.
        shadow_limit: u64 = 4;
    }
}

section! {
    /// How often clients may fail, log in, or request mails; see docs/operations.md, "Limits".
    /// Above a limit the answer is `REL_RLE`. 0 switches a limit off.
    "limits" Limits {
        /// Refusals a minute for one client address. Refusals that reveal something about accounts
        /// count: wrong logins and keys, unknown e-mail addresses, wrong API keys. Refusals that
        /// leave a row in jBackend's log count, too. Right keys and logins never count. Keys that
        /// were right lately are served above the limit, too: thousands of customers may share the
        /// address of a hosting provider.
        address_failures: u64 = 20;
        /// Such refusals at once, after a time without any.
        address_failures_burst: u64 = 100;
        /// Wrong logins (`keybyauth`) an hour for one account, from all addresses together.
        login_failures: u64 = 30;
        /// Such logins at once.
        login_failures_burst: u64 = 20;
        /// Requests an hour for the mail with a key (`keybyemail`) for one e-mail address, answered
        /// or not.
        mail_requests: u64 = 30;
        /// Such requests at once.
        mail_requests_burst: u64 = 20;
        /// Mails with a key an hour to one account.
        mails: u64 = 10;
        /// Such mails at once.
        mails_burst: u64 = 10;
        /// Count together with the site's other bridges, through a Redis or Valkey server:
        /// `redis://user:password@host:6379/0`, `rediss://…` with TLS, or
        /// `unix:///path/to.sock?db=0&user=name&pass=password`. While it does not answer, each
        /// bridge counts for itself. It needs Joomla's `secret`: with it, the data on the server do
        /// not show whose failures are counted; see docs/operations.md, "Several bridges".
        shared: Option<RedisUrl> = None => "\"redis://127.0.0.1:6379\"";
        /// File with the CA certificates that sign the server's certificate, or with that
        /// certificate itself; PEM. Not set: the public ones.
        shared_ca: Option<PathBuf> = None => "\"/etc/ssl/redis-ca.pem\"";
        /// Milliseconds for one call to the server, 1 to 60000; after that, the bridge's own count
        /// decides. A request makes three calls at most.
        shared_timeout: u64 = 100;
    }
}

section! {
    /// The XML for Joomla's updater, made from the packages; see docs/updates.md. It needs
    /// `public_url` in `[server]`.
    "updates" Updates {
        /// Make update XML.
        enabled: bool = true;
        /// Package groups whose paid packages are listed, too; `all` for all of them. Free packages
        /// are always listed.
        listed: Vec<String> = Vec::new() => "[\"redj_enterprise\"]";
        /// Listed versions of an extension: `all`, or only the `newest` for each group of sites.
        versions: Versions = Versions::All => "\"all\"";
        /// End-point for the download addresses. Not set: the first with `free` access.
        endpoint: Option<String> = None => "\"packages\"";
        /// Joomla versions of the packages, as a pattern: `[45]` is 4 and 5, `(3\\.10|4)` is 3.10
        /// and 4. A package's manifest or an entry of `packages` below wins over it.
        targetplatform: Option<String> = None => "\"[345]\"";
        /// Page about the updates; for paid packages, a page that says how to get a key.
        infourl: Option<String> = None => "\"https://www.example.com/updates\"";
        /// Folder of changelogs, below the package folder. Each extension has a file with the name
        /// of its XML: `pkg_redj.md` as you write it, or `pkg_redj.xml` in Joomla's form. Joomla 4
        /// and later shows them; see docs/updates.md.
        changelogs: Option<String> = None => "\"changelogs\"";
        /// The maintainer of the extensions. Not set: the author in the manifest.
        maintainer: Option<String> = None => "\"Example Extensions\"";
        /// The maintainer's site.
        maintainerurl: Option<String> = None => "\"https://www.example.com\"";
        /// A word that Joomla stores and does not use.
        section: Option<String> = None => "\"stable\"";
        /// File that keeps checksums over a restart, so that packages are not read again. Not set:
        /// `checksums` in systemd's state directory, if the unit has one, as ours does; otherwise
        /// no file. Empty: no file.
        checksum_file: Option<PathBuf> = None => "\"/var/lib/jbackend-bridge/checksums\"";
        /// Packages read for their checksums at the same time, 1 to 64. Each keeps a processor
        /// busy.
        checksum_workers: u64 = 1;
        /// Other values for single packages, or for all of a package group: `package` or `group`,
        /// and any of `xml`, `name`, `description`, `tag`, `targetplatform`, `php_minimum`,
        /// `infourl`, `changelogurl`, `security` (0 to 4), `supported_databases`, `section`,
        /// `maintainer`, `maintainerurl`.
        packages: Vec<UpdateFields> = Vec::new()
            => "[{ package = \"redj_ent_190\", targetplatform = \"[45]\", tag = \"rc\" }]";
    }
}
