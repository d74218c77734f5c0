//! A private nginx or Apache with a site on it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::private_server::{PrivateServer, accepts, is_root, program};

/// The site's answer in place of PHP's.
pub const PHP: &str = "a page of PHP";

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
pub struct WebServer {
    /// `host:port`.
    pub address: String,
    _server: PrivateServer,
}

/// The folder of a web server that is not started yet.
pub struct Site(PrivateServer);

impl Site {
    /// Makes a web root with Joomla's `index.php` and a package folder that visitors must not
    /// reach.
    pub fn new() -> Self {
        let server = PrivateServer::new("web-server");
        let directory = server.directory();
        // The web server's workers run as another user if the tests run as root.
        fs::set_permissions(directory, Permissions::from_mode(0o755)).unwrap();
        for folder in ["www", "www/shop", "www/administrator"] {
            fs::create_dir_all(directory.join(folder)).unwrap();
            fs::write(directory.join(folder).join("index.php"), PHP).unwrap();
        }
        fs::write(directory.join("www/robots.txt"), "a file of the site").unwrap();
        fs::create_dir_all(directory.join("www/files/private")).unwrap();
        fs::write(directory.join("www/files/private/paid.zip"), "PK paid").unwrap();
        Self(server)
    }

    /// Returns the folder of the site's files.
    pub fn root(&self) -> PathBuf {
        self.0.directory().join("www")
    }

    /// A folder that the web server's workers reach, for a unix socket.
    pub fn folder(&self) -> &Path {
        self.0.directory()
    }

    /// Starts nginx with the snippet in the site's `server { }`.
    pub fn nginx(self, snippet: &impl AsRef<str>) -> WebServer {
        // These are the locations of a Joomla site. The snippet comes after them: it must not
        // depend on its place.
        let locations = format!(
            "location / {{ try_files $uri $uri/ /index.php?$args; }}\n\
             location ~ \\.php(/|$) {{ return 200 \"{PHP}\"; }}\n"
        );
        self.nginx_with(&locations, snippet)
    }

    /// Starts nginx with only the snippet in its `server { }`.
    pub fn empty_nginx(self, snippet: &impl AsRef<str>) -> WebServer {
        self.nginx_with("", snippet)
    }

    fn nginx_with(self, locations: &str, snippet: &impl AsRef<str>) -> WebServer {
        let dir = self.0.directory().display();
        let http = format!(
            "access_log off;\nserver {{\nlisten {};\nroot {dir}/www;\nindex index.php;\n\
             {locations}include {dir}/snippet.conf;\n}}\n",
            self.0.address()
        );
        self.write(snippet);
        run_nginx(&self.0, "worker_connections 4096;", &http);
        self.started()
    }

    /// Starts Apache with the snippet in its `VirtualHost`.
    pub fn apache(self, snippet: &impl AsRef<str>) -> WebServer {
        let (directory, port) = (self.0.directory(), self.0.port());
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
        self.write(snippet);
        self.0.run(&command, accepts);
        self.started()
    }

    fn write(&self, snippet: &impl AsRef<str>) {
        fs::write(self.0.directory().join("snippet.conf"), snippet.as_ref()).unwrap();
    }

    fn started(self) -> WebServer {
        WebServer { address: self.0.address(), _server: self.0 }
    }
}

/// Runs nginx with this content of `events { }` and of `http { }`.
pub(crate) fn run_nginx(server: &PrivateServer, events: &str, http: &str) {
    let directory = server.directory();
    let dir = directory.display();
    let user = if is_root() { "user root;" } else { "" };
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {dir}/{kind};\n"))
        .concat();
    let configuration = format!(
        "daemon off;\nmaster_process off;\n{user}\npid {dir}/nginx.pid;\n\
         events {{ {events} }}\nhttp {{\n{temporary}{http}}}\n"
    );
    let file = directory.join("nginx.conf");
    fs::write(&file, configuration).unwrap();
    let mut command = Command::new(program(&["nginx"]));
    command.arg("-p").arg(directory).arg("-c").arg(file);
    command.arg("-e").arg(directory.join("error.log"));
    server.run(&command, accepts);
}

/// Finds the distribution's folder of Apache's modules.
fn modules() -> PathBuf {
    ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules"]
        .map(PathBuf::from)
        .into_iter()
        .find(|folder| folder.join("mod_proxy_http.so").exists())
        .expect("Apache's modules: run `tests/run`, which installs them")
}
