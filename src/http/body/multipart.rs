//! `multipart/form-data` as PHP reads it: fields are kept, files are skipped as they stream by.
//!
//! PHP reads lines, ended by LF with or without CR. It skips lines until one that is exactly the
//! boundary. The lines up to an empty one are the part's head. Then come the contents, up to a line
//! that begins with the boundary. No end marker is needed: `--xyz--` is such a line too, and so is
//! the end of the body. `tests/vectors/multipart_php.jsonl` holds PHP's results for many bodies.
//!
//! Bytes are pushed in as they come, and at most one line of them waits for more: the memory of a
//! form does not depend on its length. Bytes are searched only once: the work for a byte does not
//! depend on the size of the chunks.

use std::ops::ControlFlow;

use super::bounds::KEPT;
use super::chunks::Chunks;
use super::parameters::{self, Name};

/// The longest `Content-Disposition` of a part. If one is longer, the rest of the form is not read.
const LONGEST_HEAD: usize = 16 * 1024;

/// PHP's buffer for lines: if it holds no line end, PHP takes all of it for a line.
const LONGEST_LINE: usize = 5 * 1024;

/// Reads the fields of a form, up to its end or the point at which it breaks off. If the form is
/// not `whole`, its last field may be cut, and is left out.
pub(super) async fn fields(chunks: &mut Chunks, boundary: &[u8], whole: bool) -> Fields {
    let mut form = MultipartForm::new(boundary);
    while let Some(Ok(chunk)) = chunks.next().await {
        form.push(&chunk);
        if matches!(form.state, PartState::Done) {
            break;
        }
    }
    if whole {
        form.finish();
    }
    form.fields
}

struct MultipartForm {
    /// The line before a part. With an LF before it, it also ends a part.
    delimiter: Vec<u8>,
    /// Bytes that only make sense together with the next ones.
    waiting: Vec<u8>,
    /// How many of the waiting bytes are known to hold no line end.
    searched: usize,
    state: PartState,
    fields: Fields,
    /// Bytes that names and values may still take.
    room: usize,
}

enum PartState {
    /// Before a part.
    Between,
    /// In a part's head.
    Head(PartHead),
    /// In a part; a file has no name here. `value` is `None` after it was too long.
    Content { name: Option<Vec<u8>>, value: Option<Vec<u8>> },
    /// After bytes that make no sense: the rest is not read.
    Done,
}

/// The head of a part, as far as it has been read.
#[derive(Default)]
struct PartHead {
    /// The value of the first `Content-Disposition`.
    disposition: Option<Vec<u8>>,
    /// Whether a line without a name continues that value.
    goes_on: bool,
}

impl MultipartForm {
    fn new(boundary: &[u8]) -> Self {
        Self {
            delimiter: [b"\n--", boundary].concat(),
            waiting: Vec::new(),
            searched: 0,
            state: PartState::Between,
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

    /// Ends the part at the end of the body.
    fn finish(&mut self) {
        let rest = std::mem::take(&mut self.waiting);
        if let PartState::Head(head) = &mut self.state {
            // A line without an end belongs to the value already.
            self.state = content_after(std::mem::take(head));
        }
        if !matches!(self.state, PartState::Content { .. }) {
            return;
        }
        let begun = (0..rest.len())
            .find(|&at| rest.get(at..).is_some_and(|tail| self.delimiter.starts_with(tail)));
        let content = match begun {
            Some(at) => without_cr(rest.get(..at).unwrap_or_default()),
            None => &rest,
        };
        self.keep(content);
        self.end_part();
    }

    /// Reads some bytes and continues after them, or stops before bytes that need the next ones.
    fn step<'a>(&mut self, bytes: &'a [u8]) -> ControlFlow<&'a [u8], &'a [u8]> {
        match self.state {
            PartState::Done => ControlFlow::Break(&[]),
            PartState::Between | PartState::Head(_) => self.lines(bytes),
            PartState::Content { .. } => self.content(bytes),
        }
    }

    fn lines<'a>(&mut self, bytes: &'a [u8]) -> ControlFlow<&'a [u8], &'a [u8]> {
        let buffer = bytes.get(..LONGEST_LINE).unwrap_or(bytes);
        let (line, rest) = match find(buffer, b"\n", self.searched) {
            Some(at) => (without_cr(bytes.get(..at).unwrap_or_default()), bytes.get(at + 1..)),
            None if buffer.len() == LONGEST_LINE => (buffer, bytes.get(LONGEST_LINE..)),
            None => {
                self.searched = bytes.len();
                return ControlFlow::Break(bytes);
            }
        };
        self.searched = 0;
        // C ends a text at its first NUL.
        self.line(line.split(|&byte| byte == 0).next().unwrap_or_default());
        ControlFlow::Continue(rest.unwrap_or_default())
    }

    fn line(&mut self, line: &[u8]) {
        match &mut self.state {
            PartState::Between if Some(line) == self.delimiter.get(1..) => {
                self.state = PartState::Head(PartHead::default());
            }
            PartState::Head(head) if line.is_empty() => {
                self.state = content_after(std::mem::take(head));
            }
            PartState::Head(head) => {
                head.read(line);
                if head.disposition.as_ref().is_some_and(|value| value.len() > LONGEST_HEAD) {
                    self.state = PartState::Done;
                }
            }
            PartState::Between | PartState::Content { .. } | PartState::Done => {}
        }
    }

    fn content<'a>(&mut self, bytes: &'a [u8]) -> ControlFlow<&'a [u8], &'a [u8]> {
        if let Some(at) = find(bytes, &self.delimiter, 0) {
            let (content, rest) = bytes.split_at(at);
            self.keep(without_cr(content));
            self.end_part();
            return ControlFlow::Continue(rest.get(1..).unwrap_or_default());
        }
        // These bytes may be the start of the delimiter, with a CR before it.
        let sure = bytes.len().saturating_sub(self.delimiter.len());
        let (content, begun) = bytes.split_at(sure);
        self.keep(content);
        ControlFlow::Break(begun)
    }

    fn keep(&mut self, content: &[u8]) {
        let PartState::Content { name: Some(name), value } = &mut self.state else { return };
        let room = self.room;
        let fits = |kept: &Vec<u8>| name.len() + kept.len() + content.len() <= room;
        if let Some(mut kept) = value.take().filter(fits) {
            kept.extend_from_slice(content);
            *value = Some(kept);
        }
    }

    fn end_part(&mut self) {
        match std::mem::replace(&mut self.state, PartState::Between) {
            PartState::Content { name: Some(name), value: Some(value) } => {
                self.room = self.room.saturating_sub(name.len() + value.len());
                self.fields.insert(&name, value);
            }
            // The field that would exceed the limit is left out, and so are all fields after it.
            PartState::Content { name: Some(_), value: None } => self.room = 0,
            _ => {}
        }
    }
}

impl PartHead {
    /// Reads a line: a header, or the continuation of the one before it.
    fn read(&mut self, line: &[u8]) {
        let colon = line.iter().position(|&byte| byte == b':');
        let starts_blank = line.first().is_some_and(|&byte| parameters::is_blank(byte));
        let Some(colon) = colon.filter(|_| !starts_blank) else {
            if let Some(value) = self.disposition.as_mut().filter(|_| self.goes_on) {
                value.extend_from_slice(line);
            }
            return;
        };
        let (name, value) = line.split_at(colon);
        self.goes_on =
            self.disposition.is_none() && name.eq_ignore_ascii_case(b"content-disposition");
        if self.goes_on {
            self.disposition = Some(value.get(1..).unwrap_or_default().to_vec());
        }
    }
}

/// Finds the state after a head.
fn content_after(head: PartHead) -> PartState {
    let Some(disposition) = head.disposition else { return PartState::Between };
    match parameters::name(&disposition) {
        Name::Field(name) => PartState::Content { name: Some(name), value: Some(Vec::new()) },
        Name::File => PartState::Content { name: None, value: None },
        Name::None => PartState::Done,
    }
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Finds a text, from a position on.
fn find(text: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..).unwrap_or_default();
    work(rest.len());
    rest.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

use php_compat::query::Fields;
#[cfg(test)]
use tests::work;

/// Takes the number of bytes that are searched; only a test counts them.
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

    /// Counts the bytes searched in a form that comes byte by byte.
    fn work_for(form: &[u8]) -> usize {
        WORK.set(0);
        let mut reader = MultipartForm::new(b"xyz");
        for byte in form {
            reader.push(&[*byte]);
        }
        WORK.get()
    }

    #[test]
    fn a_head_in_single_bytes_was_searched_from_its_start_for_each() {
        let padding = "a".repeat(LONGEST_HEAD - 100);
        let blanks = " ".repeat(LONGEST_HEAD - 100);
        let value = "--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n";
        for form in [
            format!("--xyz\r\nX-Long: {padding}"),
            format!("--xyz{blanks}"),
            format!("{value}{padding}"),
        ] {
            let work = work_for(form.as_bytes());
            assert!(work < form.len() * 20, "{work} for {} bytes", form.len());
            assert!(work >= form.len(), "{work} for {} bytes", form.len());
        }
    }
}
