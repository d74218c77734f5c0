//! Mail by the local sendmail program, as Joomla's mailers `mail` and `sendmail` do it.
//!
//! Put together by the application and used through [`Mailer`]. The program is run without a
//! shell; it takes the recipient from the message (`-t`).

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::{Mail, MailCheck, MailError, Mailer, Reached, Reaching, Sender, Sending};

/// Programs running at the same time; further mails wait within their time limit.
const PROGRAMS: usize = 8;

/// Sends mail by running a program.
pub struct Sendmail {
    program: PathBuf,
    arguments: Vec<String>,
    timeout: Duration,
    sender: Sender,
    programs: Semaphore,
}

impl Sendmail {
    /// `command` is Joomla's `sendmail`: a path, perhaps with arguments behind it. `-t`, `-i` and
    /// `-f` with the sender's address are added. `timeout` is for the whole run.
    #[must_use]
    pub fn new(command: &str, sender: Sender, timeout: Duration) -> Self {
        let command = command.trim();
        let mut words = command.split_ascii_whitespace();
        let (program, given): (&str, Vec<&str>) = if Path::new(command).is_file() {
            // A path with blanks in it.
            (command, vec![])
        } else {
            (words.next().unwrap_or_default(), words.collect())
        };
        let wanted = ["-t", "-i", "-f", sender.envelope_from()];
        Self {
            program: PathBuf::from(program),
            arguments: given.into_iter().chain(wanted).map(str::to_owned).collect(),
            timeout,
            sender,
            programs: Semaphore::new(PROGRAMS),
        }
    }

    /// Is the program there, and may it be run? For a warning at start.
    pub fn check(&self) -> Result<(), MailError> {
        let missing = |reason: String| self.no_program(reason);
        let metadata = self.program.metadata().map_err(|error| missing(error.to_string()))?;
        if !metadata.is_file() {
            return Err(missing("it is no file".to_owned()));
        }
        if metadata.permissions().mode() & 0o111 == 0 {
            return Err(missing("it is not executable".to_owned()));
        }
        Ok(())
    }

    async fn run(&self, message: &[u8]) -> Result<(), MailError> {
        let deadline = Instant::now() + self.timeout;
        let timed_out =
            || MailError::ProgramTimeout { path: self.program.clone(), limit: self.timeout };
        let Ok(_place) = timeout_at(deadline, self.programs.acquire()).await else {
            return Err(timed_out());
        };
        let mut child = self.spawn()?;
        // Dropped at the end of the time, the child is killed.
        match timeout_at(deadline, feed(&mut child, message)).await {
            Err(_) => Err(timed_out()),
            Ok(Ok(())) => Ok(()),
            Ok(Err(status)) => Err(MailError::Program { path: self.program.clone(), status }),
        }
    }

    /// Its output is thrown away: it may hold addresses.
    fn spawn(&self) -> Result<Child, MailError> {
        Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.no_program(error.to_string()))
    }

    fn no_program(&self, reason: String) -> MailError {
        MailError::NoProgram { path: self.program.clone(), reason }
    }
}

impl Mailer for Sendmail {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            let message = self.sender.compose(mail)?.formatted();
            self.run(&unix_line_ends(&message)).await
        })
    }
}

impl MailCheck for Sendmail {
    fn reach(&self) -> Reaching<'_> {
        let place = format!("program `{}`", self.program.display());
        Box::pin(async { vec![Reached { place, outcome: self.check() }] })
    }
}

/// Writes the message to the program and waits for its end; `Err` describes the failure.
async fn feed(child: &mut Child, message: &[u8]) -> Result<(), String> {
    let written = match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(message).await,
        None => Err(io::ErrorKind::BrokenPipe.into()),
    };
    let status = child.wait().await.map_err(|error| error.to_string())?;
    match written {
        // A program that stops reading has not taken the mail, whatever its exit status says.
        _ if !status.success() => Err(status.to_string()),
        Err(_) => Err("it did not read the whole mail".to_owned()),
        Ok(()) => Ok(()),
    }
}

/// Local programs expect the system's line ends; some keep a CR as part of the line.
fn unix_line_ends(message: &[u8]) -> Vec<u8> {
    message.iter().copied().filter(|&byte| byte != b'\r').collect()
}
