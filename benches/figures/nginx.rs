//! nginx handing out the same files: once with `sendfile`, once without, at an address each.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Process, free_address};

/// A running nginx.
pub(crate) struct Nginx {
    /// For its processor time.
    pub(crate) process: Process,
    /// URL of the server with `sendfile`.
    pub(crate) sendfile: String,
    /// URL of the server without.
    pub(crate) copying: String,
    _folder: TempDir,
}

/// As many workers as there are cores, and log lines that are made and go nowhere: as the bridge.
pub(crate) fn start(files: &Path) -> Nginx {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().display();
    let user = if fs::metadata("/proc/self").unwrap().uid() == 0 { "user root;" } else { "" };
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {dir}/{kind};\n"))
        .concat();
    let servers = [("on", free_address()), ("off", free_address())];
    let blocks = servers.each_ref().map(|(sendfile, address)| {
        format!(
            "server {{ listen {address}; root {files}; sendfile {sendfile}; }}\n",
            files = files.display()
        )
    });
    let configuration = format!(
        "daemon off;\nworker_processes auto;\n{user}\npid {dir}/pid;\n\
         events {{ worker_connections 4096; }}\nhttp {{\naccess_log /dev/null;\n{temporary}\
         keepalive_requests 100000000;\ntcp_nopush on;\noutput_buffers 2 256k;\n\
         default_type application/octet-stream;\n{}}}\n",
        blocks.concat()
    );
    let file = folder.path().join("nginx.conf");
    fs::write(&file, configuration).unwrap();
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder.path()).arg("-c").arg(file);
    command.arg("-e").arg(folder.path().join("error.log"));
    let [(_, sendfile), (_, copying)] = servers;
    let process = Process::start(&mut command, sendfile.clone());
    let url = |address: &str| format!("http://{address}");
    Nginx { process, sendfile: url(&sendfile), copying: url(&copying), _folder: folder }
}
