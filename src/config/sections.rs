//! The sections of the configuration, key by key.
//!
//! This file is what `config.example.toml` is made from: the comments are the operator's manual.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

pub use super::operation::{Admin, Ledger, Log};

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
    /// Where the bridge listens, and whom it believes.
    "server" Server {
        /// Address to listen on: `host:port`, `unix:/path/to.sock`, or `systemd` for sockets that
        /// systemd hands over.
        listen: Listen = Listen::default() => "\"127.0.0.1:8080\"";
        /// Permission bits of the unix socket, octal.
        socket_mode: String = "660".into();
        /// The site's address as visitors see it. Its path is where a Joomla in a subdirectory lives.
        public_url: Option<String> = None => "\"https://www.example.com\"";
        /// Peers whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses, networks
        /// (`10.0.0.0/8`) or `unix` for the unix socket. Forwarding headers of others are ignored.
        trusted_proxies: Vec<TrustedProxy> = TrustedProxy::defaults()
            => "[\"127.0.0.0/8\", \"::1\", \"unix\"]";
        /// Connections served at the same time. When there are more, idle ones are closed for them, and
        /// where none is idle they wait in the system's queue.
        max_connections: u64 = 1024;
        /// Connections of one address (of IPv6: of one /64 network), and requests at the same time of
        /// one behind a trusted proxy, whose own connections do not count; a quarter of
        /// `max_connections` when not set. Set it higher where many customers share an address.
        max_connections_per_address: Option<u64> = None => "256";
        /// Seconds a client has to send the head of a request.
        header_timeout: u64 = 10;
        /// Seconds a client may be silent while it sends a body; all of it may take three times as long.
        body_timeout: u64 = 20;
        /// Seconds a client may stop reading before its connection is closed.
        write_timeout: u64 = 60;
        /// Seconds running downloads have to finish when the bridge is stopped.
        shutdown_deadline: u64 = 30;
        /// Memory all running downloads share, in MiB.
        download_memory: u64 = 64;
    }
}

section! {
    /// The Joomla site.
    "joomla" Joomla {
        /// The site's folder: where `configuration.php` is. Database, secret, mail settings and the
        /// site's name are read from that file unless they are set here.
        root: Option<PathBuf> = None => "\"/var/www/html\"";
        /// Joomla version, `3.10` or `5.3`; found in the database when not set. It decides which
        /// password hashes log in.
        version: Option<String> = None => "\"5.3\"";
        /// The site's `$secret`, for recipes that use it.
        secret: Option<SecretString> = None => "\"…\"";
        /// The site's name, as the license mails show it.
        site_name: Option<String> = None => "\"Example Extensions\"";
        /// Take the end-points from the site's menu. `false`: those under `[[endpoints]]` alone.
        menu: bool = true;
        /// Read what jBackend 3 reads besides: parameters from JSON bodies, and the API key from a
        /// header `Authorization: api_key <KEY>`.
        jbackend3: bool = false;
        /// The site has search engine friendly URLs; without them a path names no end-point.
        sef: bool = true;
        /// The site adds a suffix (`.html`) to its URLs.
        sef_suffix: bool = false;
        /// Joomla's own `force_ssl`: 2 sends every request without TLS to https.
        force_ssl: u64 = 0;
        /// Where the site keeps its sessions; end-points for users need `database`.
        session_handler: String = "database".into();
        /// Minutes a session lives after its last use.
        lifetime: u64 = 15;
        /// What the cookie's name is made from, beside the secret: `$session_name`.
        session_name: String = "site".into();
        /// Name of the session cookie; made from the secret when not set.
        session_cookie: Option<String> = None => "\"0123456789abcdef0123456789abcdef\"";
    }
}

section! {
    /// The site's database: MySQL or MariaDB, or a SQLite file.
    "database" Database {
        /// All in one: `mysql://user:password@host:port/name` or `sqlite:/path/to/file.db`. What is
        /// set beside it wins.
        url: Option<SecretString> = None => "\"mysql://joomla:…@127.0.0.1:3306/joomla\"";
        /// Host, in Joomla's notations: `name`, `name:port`, `name:/path/to.sock`, `[::1]:3306`.
        host: Option<String> = None => "\"localhost\"";
        /// TCP port, where `host` names none.
        port: Option<u64> = None => "3306";
        /// Unix socket; in place of host and port.
        socket: Option<PathBuf> = None => "\"/run/mysqld/mysqld.sock\"";
        /// Name of the database.
        name: Option<String> = None => "\"joomla\"";
        /// Account. It needs the right to read a few columns only: `sql/grants.sql` makes one.
        user: Option<String> = None => "\"joomla\"";
        /// The account's password.
        password: Option<SecretString> = None => "\"…\"";
        /// Table prefix with its `_`, `$dbprefix` in configuration.php.
        prefix: Option<String> = None => "\"jos_\"";
        /// Write nothing: key end-points answer `REQ_AKG`, no trace rows are written.
        read_only: bool = false;
        /// Account for the API key counters and trace rows; the account above when not set.
        writer_user: Option<String> = None => "\"jbackend_writer\"";
        /// Its password.
        writer_password: Option<SecretString> = None => "\"…\"";
        /// TLS to the server: `off`, `required` (encrypted, any certificate is taken) or `verify`
        /// (certificate, time and name are checked); see docs/operations.md, "TLS to servers".
        /// When it is set here, the certificate files of configuration.php do not count.
        tls: Tls = Tls::Off => "\"off\"";
        /// File with the CA certificates that sign the server's, or with the server's own, PEM.
        tls_ca: Option<PathBuf> = None => "\"/etc/ssl/db-ca.pem\"";
        /// File with our certificate, PEM; together with `tls_key`.
        tls_cert: Option<PathBuf> = None => "\"/etc/ssl/db-client.pem\"";
        /// File with our key, PEM.
        tls_key: Option<PathBuf> = None => "\"/etc/ssl/db-client.key\"";
        /// Connections kept, 1 to 8. The server's limit is shared with Joomla.
        pool_size: u64 = 4;
        /// Seconds until a connection attempt is given up.
        connect_timeout: u64 = 3;
        /// Seconds until a query is given up, here and on the server.
        query_timeout: u64 = 2;
        /// `on`: copy what answers are made of into a file, and answer from it once the database has
        /// failed; docs/operations.md, "When the database is gone". `off`: do not.
        snapshot: StandbyRule = StandbyRule::Off => "\"off\"";
        /// The file. It holds names and e-mails: only the service's user may read it.
        snapshot_file: PathBuf = "/var/lib/jbackend-bridge/snapshot.db".into();
        /// Seconds from one copy to the next.
        snapshot_every: u64 = 300;
        /// Seconds after which a copy is too old to answer.
        snapshot_max_age: u64 = 3600;
        /// Copy the password hashes, too: keybyauth then works from the copy.
        snapshot_passwords: bool = false;
    }
}

section! {
    /// The Release System: the plugin's settings, and how answers look.
    "release" Release {
        /// Package folder, relative to the Joomla root. Leave out `folder`, `groups` and `packages` to
        /// use the plugin's settings as they are in Joomla; set here, the three replace them entirely.
        folder: Option<String> = None => "\"files\"";
        /// Package groups, a line each: `package group;groups[;hash;package name]`.
        groups: Option<Vec<String>> = None => "[\"redj_enterprise;9,12;HASH123KEY456;ReDJ Enterprise\"]";
        /// Packages, a line each: `package id;package path[;package group]`.
        packages: Option<Vec<String>> = None
            => "[\"redj_ent_190;/private/redj/ReDJ1.9.0.zip;redj_enterprise\"]";
        /// JSON names of the three settings in the plugin's `params`, where they are not found.
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
        /// A child user group counts as its parents, as in Joomla's own access checks.
        inherit_groups: bool = false;
        /// `original`: refusals tell whether an address has an account, as the protocol does.
        /// `uniform`: they do not.
        privacy: Privacy = Privacy::Original => "\"original\"";
        /// `joomla`: a second factor stops keybyauth where it stops a Joomla login. `refuse`: always.
        two_factor: TwoFactor = TwoFactor::Joomla => "\"joomla\"";
        /// keybyauth's answer ends with the one-field key: `"dlid":"<user id>:<key>"`.
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
        /// Who sends them once the bridge has allowed it: `off` (the bridge), `x-accel-redirect` (nginx
        /// in front of it) or `x-sendfile` (Apache with `mod_xsendfile`). The web server must be set up
        /// for it, see docs/offload.md. Peers that are not in `trusted_proxies` get the file from the
        /// bridge.
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
        /// Seeds a package group had earlier, accepted until the end of the date where one is given.
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
    /// Mail. Everything unset comes from configuration.php.
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
        /// SMTP port, where `smtp_host` names none: mostly 25, 587 (`tls`) or 465 (`ssl`).
        smtp_port: Option<u64> = None => "25";
        /// `none` (STARTTLS where the server offers it, as Joomla does), `tls` (STARTTLS, required),
        /// `ssl` (TLS from the start) or `plain` (never encrypted, for a server on this machine).
        smtp_security: Option<String> = None => "\"tls\"";
        /// SMTP account; none means no login.
        smtp_user: Option<String> = None => "\"licenses@example.com\"";
        /// Its password.
        smtp_password: Option<SecretString> = None => "\"…\"";
        /// File with further CA certificates for the mail server, or with the server's own, PEM.
        smtp_ca: Option<PathBuf> = None => "\"/etc/ssl/mail-ca.pem\"";
        /// Name to greet the SMTP server with; this machine's own when not set, and the host of
        /// `public_url` where the server refuses that one, as it may in a container.
        smtp_helo: Option<String> = None => "\"shop.example.com\"";
        /// The sendmail program.
        sendmail: Option<PathBuf> = None => "\"/usr/sbin/sendmail\"";
        /// Folder for `.eml` files.
        outbox: Option<PathBuf> = None => "\"/var/spool/jbackend-bridge\"";
        /// Folder with `subject.txt.j2`, `body.txt.j2`, `body.html.j2`: a letter in the place of ours.
        templates: Option<PathBuf> = None => "\"/etc/jbackend-bridge/letters\"";
        /// Seconds for the whole exchange with the mail server.
        timeout: u64 = 15;
    }
}

section! {
    /// The rest of the site, with the bridge in front of all of it; see docs/fallback.md.
    "fallback" Fallback {
        /// The site's web server. Every request that is not for the release module goes to it. Not
        /// set: such requests are answered with the core's codes, or 404.
        upstream: Option<Upstream> = None => "\"http://127.0.0.1:8081\"";
        /// Seconds until a connection attempt is given up.
        connect_timeout: u64 = 5;
        /// Seconds without a byte either way until a request is given up.
        idle_timeout: u64 = 60;
        /// Requests for files in the package folder, where it lies below the site's folder:
        /// `refuse`, or `allow` to hand them to the site.
        package_files: PackageFilesRule = PackageFilesRule::Refuse => "\"refuse\"";
        /// Pass on the site's `X-Accel-…` and `X-Sendfile` headers, which tell a web server in front
        /// of the bridge to send a file of its own.
        pass_offload_headers: bool = false;
        /// Shadow mode: resources that PHP still answers while the bridge computes its own answer
        /// beside it and logs differences: `["all"]`, or some of `keybyemail`, `keybyauth`,
        /// `validate`, `verify`, `download`. Empty: the bridge answers.
        shadow: Vec<String> = Vec::new();
        /// Answers computed beside PHP's at the same time; further ones are left out and counted.
        shadow_limit: u64 = 4;
    }
}

section! {
    /// How often somebody may fail, log in, or have mails sent; see docs/operations.md, "Limits".
    /// Beyond that the answer is `REL_RLE`. 0 switches a limit off.
    "limits" Limits {
        /// Refusals a client's address may get in a minute that tell about accounts: wrong logins and
        /// keys, unknown e-mails, wrong API keys; also refusals that leave a row in jBackend's log.
        /// Right keys and logins never count, and keys that were right lately are served on:
        /// thousands of customers may share the address of a hosting provider.
        address_failures: u64 = 20;
        /// Such refusals at once, after a time without them.
        address_failures_burst: u64 = 100;
        /// Wrong logins (`keybyauth`) to an account in an hour, from all addresses together.
        login_failures: u64 = 30;
        /// Such logins at once.
        login_failures_burst: u64 = 20;
        /// Requests for the mail with a key (`keybyemail`) for an e-mail in an hour, answered or not.
        mail_requests: u64 = 30;
        /// Such requests at once.
        mail_requests_burst: u64 = 20;
        /// Mails with a key to an account in an hour.
        mails: u64 = 10;
        /// Such mails at once.
        mails_burst: u64 = 10;
        /// Count together with the site's other bridges, through a Redis or Valkey server:
        /// `redis://user:password@host:6379/0`, `rediss://…` with TLS, or
        /// `unix:///path/to.sock?db=0&user=name&pass=password`. While it does not answer, each bridge
        /// counts for itself. It needs Joomla's `secret`, under which nobody can read there whose
        /// failures are counted; see docs/operations.md, "Several bridges".
        shared: Option<RedisUrl> = None => "\"redis://127.0.0.1:6379\"";
        /// File with the CA certificates that sign the server's, or with the server's own, PEM; the
        /// public ones when not set.
        shared_ca: Option<PathBuf> = None => "\"/etc/ssl/redis-ca.pem\"";
        /// Milliseconds one question to the server may take, 1 to 60000; then the bridge's own count
        /// decides. A request asks three at most.
        shared_timeout: u64 = 100;
    }
}

section! {
    /// The XML Joomla's updater reads, made from the packages; see docs/updates.md. It needs
    /// `public_url` in `[server]`.
    "updates" Updates {
        /// Make update XML at all.
        enabled: bool = true;
        /// Package groups whose paid packages are listed too; `all` for all of them. Free packages
        /// are always listed.
        listed: Vec<String> = Vec::new() => "[\"redj_enterprise\"]";
        /// Of several versions of an extension: `all`, or the `newest` for each group of sites alone.
        versions: Versions = Versions::All => "\"all\"";
        /// End-point the download addresses lead to; the first that everybody may use when not set.
        endpoint: Option<String> = None => "\"packages\"";
        /// Joomla versions the packages are for, a pattern: `[45]` is 4 and 5, `(3\\.10|4)` is 3.10
        /// and 4. What a package's manifest or `packages` below says wins.
        targetplatform: Option<String> = None => "\"[345]\"";
        /// Page about the updates; for paid packages, how to get a key.
        infourl: Option<String> = None => "\"https://www.example.com/updates\"";
        /// Folder of changelogs, below the package folder: a file for each extension, called like its
        /// XML: `pkg_redj.md` as you write it, or `pkg_redj.xml` in Joomla's form. Joomla 4 and later shows them; see docs/updates.md.
        changelogs: Option<String> = None => "\"changelogs\"";
        /// Who maintains the extensions; the author in the manifest when not set.
        maintainer: Option<String> = None => "\"Example Extensions\"";
        /// The maintainer's site.
        maintainerurl: Option<String> = None => "\"https://www.example.com\"";
        /// A word Joomla keeps and does not use.
        section: Option<String> = None => "\"stable\"";
        /// File in which checksums outlive a restart, so that packages need not be read again. Not set:
        /// `checksums` in systemd's state directory where there is one, which our unit asks for; else
        /// none. Empty: none.
        checksum_file: Option<PathBuf> = None => "\"/var/lib/jbackend-bridge/checksums\"";
        /// Packages read for their checksums at the same time, 1 to 64. One keeps a processor busy.
        checksum_workers: u64 = 1;
        /// What single packages, or all of a package group, have otherwise: `package` or `group`,
        /// and any of `xml`, `name`, `description`, `tag`, `targetplatform`, `php_minimum`, `infourl`,
        /// `changelogurl`, `security` (0 to 4), `supported_databases`, `section`, `maintainer`, `maintainerurl`.
        packages: Vec<UpdateFields> = Vec::new()
            => "[{ package = \"redj_ent_190\", targetplatform = \"[45]\", tag = \"rc\" }]";
    }
}
