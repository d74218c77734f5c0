//! A private nginx with PHP-FPM behind it: it has its own directory and port, and ends with the
//! test.
//!
//! A shell owns both and waits on a pipe that only the test process holds open. However the test
//! ends, the pipe closes, and the shell kills them and removes their directory.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_mins(1);

/// Arguments: directory, the two programs, PHP-FPM's option to run as root or nothing.
const SUPERVISOR: &str = r#"
trap '' INT TERM HUP
exec 2>/dev/null
dir=$1 nginx=$2 fpm=$3 as_root=$4
"$fpm" -F -n $as_root -y "$dir/fpm.conf" >"$dir/fpm.log" 2>&1 </dev/null &
php=$!
"$nginx" -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log" >"$dir/nginx.log" 2>&1 </dev/null &
web=$!
read -r _
kill -KILL $web
kill -TERM $php
wait $web $php
rm -rf "$dir"
"#;

/// A page that shows the request as PHP received it.
const PAGE: &str = r"<?php
header('Content-Type: application/json');
$files = array_map(fn ($f) => [$f['size'], md5_file($f['tmp_name'])], $_FILES);
echo json_encode([
    'method' => $_SERVER['REQUEST_METHOD'], 'uri' => $_SERVER['REQUEST_URI'],
    'host' => $_SERVER['HTTP_HOST'] ?? null, 'https' => $_SERVER['HTTP_X_FORWARDED_PROTO'] ?? null,
    'chain' => $_SERVER['HTTP_X_FORWARDED_FOR'] ?? null, 'proxy' => $_SERVER['HTTP_PROXY'] ?? null,
    'post' => $_POST, 'files' => $files, 'status' => 'ok', 'pad' => str_repeat('p', 2000),
]);
";

/// A running web server.
pub(crate) struct Nginx {
    directory: PathBuf,
    /// `host:port`.
    pub(crate) address: String,
    _shell: Child,
}

impl Nginx {
    /// Starts both and waits until a page comes.
    pub(crate) fn start() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("jbackend-bridge-nginx-")
            .tempdir()
            .expect("temporary directory")
            .keep();
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        fs::create_dir_all(directory.join("www")).unwrap();
        fs::write(directory.join("www/index.php"), PAGE).unwrap();
        fs::write(directory.join("nginx.conf"), nginx_conf(&directory, port)).unwrap();
        fs::write(directory.join("fpm.conf"), fpm_conf(&directory)).unwrap();
        let shell = Command::new("sh")
            .args(["-c", SUPERVISOR, "sh"])
            .arg(&directory)
            .arg(program(|name| name == "nginx"))
            .arg(program(|name| name.starts_with("php-fpm")))
            .arg(if is_root() { "-R" } else { "" })
            .process_group(0)
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh");
        let nginx = Self { directory, address: format!("127.0.0.1:{port}"), _shell: shell };
        nginx.await_ready();
        nginx
    }

    /// Returns the folder that it serves.
    pub(crate) fn root(&self) -> PathBuf {
        self.directory.join("www")
    }

    /// Returns the requests that it has served, one line each.
    pub(crate) fn access_log(&self) -> String {
        fs::read_to_string(self.directory.join("access.log")).unwrap()
    }

    fn await_ready(&self) {
        let started = Instant::now();
        let socket = self.directory.join("fpm.sock");
        while TcpStream::connect(&self.address).is_err() || !socket.exists() {
            let logs = ["error.log", "fpm.log", "nginx.log"]
                .map(|name| fs::read_to_string(self.directory.join(name)).unwrap_or_default());
            assert!(started.elapsed() < START_LIMIT, "nginx does not start: {logs:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn nginx_conf(directory: &Path, port: u16) -> String {
    let dir = directory.display();
    let user = if is_root() { "user root;" } else { "" };
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {dir}/{kind};\n"))
        .concat();
    let parameters = [
        ("REQUEST_METHOD", "$request_method"),
        ("REQUEST_URI", "$request_uri"),
        ("QUERY_STRING", "$query_string"),
        ("CONTENT_TYPE", "$content_type"),
        ("CONTENT_LENGTH", "$content_length"),
        ("SERVER_PROTOCOL", "$server_protocol"),
        ("SCRIPT_FILENAME", "$document_root/index.php"),
    ]
    .map(|(name, value)| format!("fastcgi_param {name} {value};\n"))
    .concat();
    format!(
        "daemon off;\nmaster_process off;\n{user}\npid {dir}/nginx.pid;\nevents {{}}\nhttp {{\n\
         access_log {dir}/access.log;\n{temporary}\nclient_max_body_size 200m;\ngzip on;\n\
         gzip_types application/json;\ngzip_min_length 100;\nserver {{\n\
         listen 127.0.0.1:{port};\nroot {dir}/www;\nindex index.php;\nabsolute_redirect off;\n\
         location / {{ try_files $uri $uri/ /index.php$is_args$args; }}\n\
         location ~ \\.php(/|$) {{\nfastcgi_pass unix:{dir}/fpm.sock;\n{parameters}}}\n}}\n}}\n"
    )
}

fn fpm_conf(directory: &Path) -> String {
    let dir = directory.display();
    let user = if is_root() { "user = root\ngroup = root\n" } else { "" };
    format!(
        "[global]\nerror_log = {dir}/fpm.log\n[www]\n{user}listen = {dir}/fpm.sock\npm = static\n\
         pm.max_children = 2\nphp_admin_value[post_max_size] = 200M\n\
         php_admin_value[upload_max_filesize] = 200M\nphp_admin_value[upload_tmp_dir] = {dir}\n"
    )
}

/// Finds a program, also in the system folders that may be missing in `PATH`.
fn program(is: impl Fn(&str) -> bool) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .filter_map(Result::ok)
        .find(|entry| entry.file_name().to_str().is_some_and(&is))
        .map(|entry| entry.path())
        .expect("nginx and PHP-FPM: run `tests/run`, which installs them")
}

fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
}
