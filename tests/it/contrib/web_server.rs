//! A private nginx or Apache with a site: it has its own directory and port, and ends with the
//! test.
//!
//! A shell owns the web server and waits on a pipe that only the test process holds open. However
//! the test ends, the pipe closes, and the shell ends the web server and removes its directory.

use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::snippet::Snippet;

const START_LIMIT: Duration = Duration::from_mins(1);

/// Arguments: directory, then the web server's command line.
const SUPERVISOR: &str = r#"
trap '' INT TERM HUP
exec 2>/dev/null
dir=$1
shift
"$@" >"$dir/said" 2>&1 </dev/null &
web=$!
read -r _
kill -TERM $web
wait $web
rm -rf "$dir"
"#;

/// The site's answer in place of PHP's.
pub(super) const PHP: &str = "a page of PHP";

/// The modules that Apache needs for the snippets and for a Joomla site.
const MODULES: &[&str] = &[
    "mpm_event",
    "authz_core",
    "dir",
    "proxy",
    "proxy_http",
    "headers",
    "rewrite",
    "unixd",
    "xsendfile",
];

/// A running web server.
pub(super) struct WebServer {
    directory: PathBuf,
    /// `host:port`.
    pub(super) address: String,
    _shell: Child,
}

/// The folder of a web server that is not started yet.
pub(super) struct Site {
    directory: PathBuf,
    port: u16,
}

impl Site {
    /// Makes a web root with Joomla's `index.php` and a package folder that visitors must not
    /// reach.
    pub(super) fn new() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("jbackend-bridge-web-")
            .tempdir()
            .expect("temporary directory")
            .keep();
        // The web server's workers run as another user if the tests run as root.
        fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
        for folder in ["www", "www/shop", "www/administrator"] {
            fs::create_dir_all(directory.join(folder)).unwrap();
            fs::write(directory.join(folder).join("index.php"), PHP).unwrap();
        }
        fs::write(directory.join("www/robots.txt"), "a file of the site").unwrap();
        fs::create_dir_all(directory.join("www/files/private")).unwrap();
        fs::write(directory.join("www/files/private/paid.zip"), "PK paid").unwrap();
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        Self { directory, port }
    }

    /// Returns the folder of the site's files.
    pub(super) fn root(&self) -> PathBuf {
        self.directory.join("www")
    }

    /// A folder that the web server's workers reach, for a unix socket.
    pub(super) fn folder(&self) -> &Path {
        &self.directory
    }

    /// Starts nginx with the snippet in the site's `server { }`.
    pub(super) fn nginx(self, snippet: &Snippet) -> WebServer {
        // These are the locations of a Joomla site. The snippet comes after them: it must not
        // depend on its place.
        let locations = format!(
            "location / {{ try_files $uri $uri/ /index.php?$args; }}\n\
             location ~ \\.php(/|$) {{ return 200 \"{PHP}\"; }}\n"
        );
        self.nginx_with(&locations, snippet)
    }

    /// Starts nginx with only the snippet in its `server { }`.
    pub(super) fn empty_nginx(self, snippet: &Snippet) -> WebServer {
        self.nginx_with("", snippet)
    }

    fn nginx_with(self, locations: &str, snippet: &Snippet) -> WebServer {
        let Self { directory, port } = &self;
        let dir = directory.display();
        let user = if is_root() { "user root;" } else { "" };
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {dir}/{kind};\n"))
            .concat();
        let configuration = format!(
            "daemon off;\nmaster_process off;\n{user}\npid {dir}/nginx.pid;\nevents {{ worker_connections 4096; }}\n\
             http {{\naccess_log off;\n{temporary}\nserver {{\nlisten 127.0.0.1:{port};\n\
             root {dir}/www;\nindex index.php;\n{locations}\
             include {dir}/snippet.conf;\n}}\n}}\n"
        );
        let file = directory.join("nginx.conf");
        fs::write(&file, configuration).unwrap();
        let program = program(&["nginx"]);
        let mut command = Command::new(program);
        command.arg("-p").arg(directory).arg("-c").arg(file);
        command.arg("-e").arg(directory.join("error.log"));
        self.start(&command, snippet)
    }

    /// Starts Apache with the snippet in its `VirtualHost`.
    pub(super) fn apache(self, snippet: &Snippet) -> WebServer {
        let Self { directory, port } = &self;
        let dir = directory.display();
        let user = if is_root() { "User #65534\nGroup #65534" } else { "" };
        let modules = modules();
        let load: Vec<_> = MODULES
            .iter()
            .map(|name| (name, modules.join(format!("mod_{name}.so"))))
            // Some distributions build a few of them in.
            .filter(|(_, file)| file.exists())
            .map(|(name, file)| format!("LoadModule {name}_module {}", file.display()))
            .collect();
        let load = load.join("\n");
        let configuration = format!(
            "ServerRoot {dir}\nServerName localhost\nPidFile {dir}/httpd.pid\n\
             ErrorLog {dir}/error.log\nDefaultRuntimeDir {dir}\n{load}\n{user}\n\
             Listen 127.0.0.1:{port}\n<VirtualHost 127.0.0.1:{port}>\nDocumentRoot {dir}/www\n\
             DirectoryIndex index.php\n<Directory {dir}/www>\nAllowOverride All\n\
             Require all granted\n</Directory>\nInclude {dir}/snippet.conf\n</VirtualHost>\n"
        );
        let file = directory.join("httpd.conf");
        fs::write(&file, configuration).unwrap();
        // Every Joomla site has these rules: a path that is not a file goes to index.php.
        let htaccess = "RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\n\
                        RewriteCond %{REQUEST_FILENAME} !-d\nRewriteRule .* index.php [L]\n";
        fs::write(directory.join("www/.htaccess"), htaccess).unwrap();
        let mut command = Command::new(program(&["apache2", "httpd"]));
        command.arg("-f").arg(file).arg("-DFOREGROUND");
        self.start(&command, snippet)
    }

    fn start(self, command: &Command, snippet: &Snippet) -> WebServer {
        fs::write(self.directory.join("snippet.conf"), snippet.text()).unwrap();
        let shell = Command::new("sh")
            .args(["-c", SUPERVISOR, "sh"])
            .arg(&self.directory)
            .arg(command.get_program())
            .args(command.get_args())
            .process_group(0)
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh");
        let address = format!("127.0.0.1:{}", self.port);
        let server = WebServer { directory: self.directory, address, _shell: shell };
        server.await_ready();
        server
    }
}

impl WebServer {
    fn await_ready(&self) {
        let started = Instant::now();
        while TcpStream::connect(&self.address).is_err() {
            let logs = ["error.log", "said"]
                .map(|name| fs::read_to_string(self.directory.join(name)).unwrap_or_default());
            assert!(started.elapsed() < START_LIMIT, "the web server does not start: {logs:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Finds a program, also in the system folders that may be missing in `PATH`.
fn program(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{names:?}: run `tests/run`, which installs them"))
}

/// Finds the distribution's folder of Apache's modules.
fn modules() -> PathBuf {
    ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules"]
        .map(PathBuf::from)
        .into_iter()
        .find(|folder| folder.join("mod_proxy_http.so").exists())
        .expect("Apache's modules: run `tests/run`, which installs them")
}

fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
}
