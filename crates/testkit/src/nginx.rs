//! A private nginx with PHP-FPM behind it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::private_server::{PrivateServer, is_root, program};
use crate::web_server::run_nginx;

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
pub struct Nginx {
    web: PrivateServer,
    /// `host:port`.
    pub address: String,
    _php: PrivateServer,
}

impl Nginx {
    /// Starts both and waits until they accept connections.
    pub fn start() -> Self {
        let (php, web) = (PrivateServer::new("php-fpm"), PrivateServer::new("nginx"));
        let fpm_conf_file = php.directory().join("fpm.conf");
        fs::write(&fpm_conf_file, fpm_conf(&php)).unwrap();
        let mut command = Command::new(program(&["php-fpm*"]));
        command.args(["-F", "-n"]).args(is_root().then_some("-R")).arg("-y").arg(fpm_conf_file);
        php.run(&command, |php| socket(php).exists());
        fs::create_dir_all(web.directory().join("www")).unwrap();
        fs::write(web.directory().join("www/index.php"), PAGE).unwrap();
        run_nginx(&web, "", &http(&web, &php));
        Self { address: web.address(), web, _php: php }
    }

    /// Returns the folder that it serves.
    pub fn root(&self) -> PathBuf {
        self.web.directory().join("www")
    }

    /// Returns the requests that it has served, one line each.
    pub fn access_log(&self) -> String {
        fs::read_to_string(self.web.directory().join("access.log")).unwrap()
    }
}

fn socket(php: &PrivateServer) -> PathBuf {
    php.directory().join("fpm.sock")
}

fn http(web: &PrivateServer, php: &PrivateServer) -> String {
    let (dir, port) = (web.directory().display(), web.port());
    let socket = socket(php);
    let socket = socket.display();
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
        "access_log {dir}/access.log;\nclient_max_body_size 200m;\ngzip on;\n\
         gzip_types application/json;\ngzip_min_length 100;\nserver {{\n\
         listen 127.0.0.1:{port};\nroot {dir}/www;\nindex index.php;\nabsolute_redirect off;\n\
         location / {{ try_files $uri $uri/ /index.php$is_args$args; }}\n\
         location ~ \\.php(/|$) {{\nfastcgi_pass unix:{socket};\n{parameters}}}\n}}\n"
    )
}

fn fpm_conf(php: &PrivateServer) -> String {
    let dir = php.directory().display();
    let user = if is_root() { "user = root\ngroup = root\n" } else { "" };
    format!(
        "[global]\nerror_log = {dir}/error.log\n[www]\n{user}listen = {dir}/fpm.sock\npm = static\n\
         pm.max_children = 2\nphp_admin_value[post_max_size] = 200M\n\
         php_admin_value[upload_max_filesize] = 200M\nphp_admin_value[upload_tmp_dir] = {dir}\n"
    )
}
