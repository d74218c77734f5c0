//! `multipart/form-data`: fields are kept, files are passed over as they stream by.
//!
//! Bytes are pushed in as they come and at most a part's head of them waits for more, so the memory
//! of a form does not depend on its length. What was searched once is not searched again, so neither
//! does the work for a byte depend on how few come at a time.

use std::ops::ControlFlow;

use super::KEPT;
use super::chunks::Chunks;
use super::parameters::{parameter, split};
use crate::php::query::Fields;

/// The longest head of a part; a longer one breaks the form off.
const LONGEST_HEAD: usize = 16 * 1024;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// The fields of a form, up to where it ends or breaks off.
pub(super) async fn fields(chunks: &mut Chunks, boundary: &[u8]) -> Fields {
    let mut form = Form::new(boundary);
    while let Some(Ok(chunk)) = chunks.next().await {
        form.push(&chunk);
        if matches!(form.state, State::Done) {
            break;
        }
    }
    form.fields
}

struct Form {
    /// What ends a part, and what stands before the first.
    delimiter: Vec<u8>,
    /// Bytes that more must follow to make sense of.
    waiting: Vec<u8>,
    state: State,
    fields: Fields,
    /// Bytes of names and values that still may come.
    room: usize,
}

enum State {
    /// Before the first part, in a file, in what has no name.
    Skipping,
    /// After a delimiter. So many bytes are known to be blanks, and to hold no end of the head.
    Head { blanks: usize, searched: usize },
    /// In a field; its value is gone when it was too long.
    Field { name: Vec<u8>, value: Option<Vec<u8>> },
    /// After the last part, or past what makes no sense.
    Done,
}

impl Form {
    fn new(boundary: &[u8]) -> Self {
        Self {
            delimiter: [b"\r\n--", boundary].concat(),
            // The first delimiter has no line before it that would have to be ended.
            waiting: b"\r\n".to_vec(),
            state: State::Skipping,
            fields: Fields::default(),
            room: KEPT,
        }
    }

    fn push(&mut self, chunk: &[u8]) {
        let mut bytes = std::mem::take(&mut self.waiting);
        bytes.extend_from_slice(chunk);
        let mut rest = bytes.as_slice();
        let unclear = loop {
            match self.step(rest) {
                ControlFlow::Continue(after) => rest = after,
                ControlFlow::Break(unclear) => break unclear.len(),
            }
        };
        bytes.drain(..bytes.len().saturating_sub(unclear));
        self.waiting = bytes;
    }

    /// Makes sense of some bytes and goes on with what follows them, or stops at what more must
    /// follow.
    fn step<'a>(&mut self, bytes: &'a [u8]) -> ControlFlow<&'a [u8], &'a [u8]> {
        match self.state {
            State::Done => ControlFlow::Break(&[]),
            State::Head { blanks, searched } => self.head(bytes, blanks, searched),
            State::Skipping | State::Field { .. } => self.content(bytes),
        }
    }

    fn content<'a>(&mut self, bytes: &'a [u8]) -> ControlFlow<&'a [u8], &'a [u8]> {
        if let Some(at) = find(bytes, &self.delimiter, 0) {
            let (content, rest) = bytes.split_at(at);
            self.keep(content);
            self.end_part();
            self.state = State::Head { blanks: 0, searched: 0 };
            return ControlFlow::Continue(rest.get(self.delimiter.len()..).unwrap_or_default());
        }
        // The delimiter may have begun.
        let sure = bytes.len().saturating_sub(self.delimiter.len() - 1);
        let (content, begun) = bytes.split_at(sure);
        self.keep(content);
        ControlFlow::Break(begun)
    }

    fn keep(&mut self, content: &[u8]) {
        let State::Field { name, value } = &mut self.state else { return };
        let room = self.room;
        let fits = |kept: &Vec<u8>| name.len() + kept.len() + content.len() <= room;
        if let Some(mut kept) = value.take().filter(fits) {
            kept.extend_from_slice(content);
            *value = Some(kept);
        }
    }

    fn end_part(&mut self) {
        match std::mem::replace(&mut self.state, State::Skipping) {
            State::Field { name, value: Some(value) } => {
                self.room = self.room.saturating_sub(name.len() + value.len());
                self.fields.insert(&name, value);
            }
            // The field that would pass the limit is left out, and so is everything after it.
            State::Field { value: None, .. } => self.room = 0,
            State::Skipping | State::Head { .. } | State::Done => {}
        }
    }

    fn head<'a>(
        &mut self,
        bytes: &'a [u8],
        blanks: usize,
        searched: usize,
    ) -> ControlFlow<&'a [u8], &'a [u8]> {
        if bytes.len() < 2 {
            return ControlFlow::Break(bytes);
        }
        if bytes.starts_with(b"--") {
            self.state = State::Done;
            return ControlFlow::Break(&[]);
        }
        let more = bytes.get(blanks..).unwrap_or_default();
        let more =
            more.iter().take_while(|byte| b" \t".contains(byte)).inspect(|_| work(1)).count();
        let blanks = blanks + more;
        if bytes.get(blanks).is_some_and(|&byte| byte != b'\r') {
            // A longer word than the boundary: no delimiter.
            self.state = State::Skipping;
            return ControlFlow::Continue(bytes);
        }
        match find(bytes, END_OF_HEAD, searched) {
            Some(at) if at <= LONGEST_HEAD => {
                let (head, rest) = bytes.split_at(at);
                self.state = part(head);
                ControlFlow::Continue(rest.get(END_OF_HEAD.len()..).unwrap_or_default())
            }
            None if bytes.len() < LONGEST_HEAD + END_OF_HEAD.len() => {
                // The end may have begun.
                let searched = bytes.len().saturating_sub(END_OF_HEAD.len() - 1);
                self.state = State::Head { blanks, searched };
                ControlFlow::Break(bytes)
            }
            _ => {
                self.state = State::Done;
                ControlFlow::Break(&[])
            }
        }
    }
}

/// What follows a head.
fn part(head: &[u8]) -> State {
    let disposition = head.split(|&byte| byte == b'\n').find_map(|line| {
        let (name, value) = split(line, b':');
        name.trim_ascii().eq_ignore_ascii_case(b"content-disposition").then_some(value)
    });
    let disposition = disposition.unwrap_or_default().trim_ascii();
    match (parameter(disposition, "name"), parameter(disposition, "filename")) {
        (Some(name), None) => State::Field { name, value: Some(Vec::new()) },
        _ => State::Skipping,
    }
}

/// Where it is, looked for from a place on.
fn find(text: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..).unwrap_or_default();
    work(rest.len());
    rest.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

#[cfg(test)]
use tests::work;

/// Told how many bytes are looked at; only a test counts them.
#[cfg(not(test))]
const fn work(_: usize) {}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static WORK: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn work(bytes: usize) {
        WORK.set(WORK.get() + bytes);
    }

    /// Bytes looked at for a form that comes byte by byte.
    fn work_for(form: &[u8]) -> usize {
        WORK.set(0);
        let mut reader = Form::new(b"xyz");
        for byte in form {
            reader.push(&[*byte]);
        }
        WORK.get()
    }

    #[test]
    fn a_head_in_single_bytes_was_searched_from_its_start_for_each() {
        let padding = "a".repeat(LONGEST_HEAD - 100);
        let blanks = " ".repeat(LONGEST_HEAD - 100);
        for form in [format!("--xyz\r\nX-Long: {padding}"), format!("--xyz{blanks}")] {
            let work = work_for(form.as_bytes());
            assert!(work < form.len() * 20, "{work} for {} bytes", form.len());
            assert!(work >= form.len(), "{work} for {} bytes", form.len());
        }
    }
}
