//! The text that a formula digests: values in some order, joined, some of them digested before.

use std::fmt::Write;

use crate::digest::Algorithm;

use super::depth::Depth;
use super::field::{Case, Casing, Field, quoted};
use super::form;
use super::order::Order;

/// Which of the values are digested before they are joined with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nest {
    /// None.
    Flat,
    /// The first `at`, joined.
    Head { at: usize, by: Algorithm },
    /// All behind the first `at`, joined.
    Tail { at: usize, by: Algorithm },
    /// The first `at`, joined, and the others, joined.
    Both { at: usize, by: Algorithm },
    /// Each by itself.
    Each { by: Algorithm },
}

impl Nest {
    /// All but `Flat`, for this many values.
    pub(super) fn all(joined: usize, depth: Depth) -> Vec<Self> {
        let mut all = Vec::new();
        if !(2..=depth.nested()).contains(&joined) {
            return all;
        }
        for &by in depth.nesting() {
            for at in 1..joined {
                all.extend([Self::Tail { at, by }, Self::Head { at, by }, Self::Both { at, by }]);
            }
            if joined > 2 {
                all.push(Self::Each { by });
            }
        }
        all
    }

    fn digest_of(self, part: usize) -> Option<Algorithm> {
        match self {
            Self::Flat => None,
            Self::Head { at, by } => (part < at).then_some(by),
            Self::Tail { at, by } => (part >= at).then_some(by),
            Self::Both { by, .. } | Self::Each { by } => Some(by),
        }
    }

    /// Whether a digest of its own begins, or ends, in front of this part.
    fn splits(self, part: usize) -> bool {
        match self {
            Self::Flat => false,
            Self::Head { at, .. } | Self::Tail { at, .. } | Self::Both { at, .. } => part == at,
            Self::Each { .. } => true,
        }
    }
}

/// A text, before its values are filled in.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) fields: &'a [Field],
    pub(super) order: &'a Order,
    pub(super) casing: Casing,
    pub(super) nest: Nest,
    pub(super) gaps: &'a [&'static str],
}

impl<'a> Text<'a> {
    /// Writes the text for one sample into `out`, which is emptied before. `part` is a buffer for
    /// the part that is digested first.
    pub(super) fn write(&self, sample: usize, out: &mut Vec<u8>, part: &mut Vec<u8>) {
        out.clear();
        part.clear();
        let mut open = None;
        for (index, (gap, field)) in self.parts().enumerate() {
            if index > 0 && self.nest.splits(index) {
                close(open.take(), part, out);
                out.extend_from_slice(gap.as_bytes());
            } else if index > 0 {
                part.extend_from_slice(gap.as_bytes());
            }
            open = self.nest.digest_of(index);
            part.extend_from_slice(field.value(sample, self.casing.of(field.of())));
        }
        close(open, part, out);
    }

    /// How a recipe makes it.
    pub(super) fn source(&self) -> String {
        let mut source = String::new();
        let mut part = String::new();
        let mut open = None;
        for (index, (gap, field)) in self.parts().enumerate() {
            if index > 0 && self.nest.splits(index) {
                source.push_str(&self.part_source(open.take(), &part));
                part = String::new();
                source.push_str(&joint(gap));
            } else if index > 0 {
                part.push_str(&joint(gap));
            }
            open = self.nest.digest_of(index);
            let case = match self.casing {
                Casing::Whole(_) => Case::AsIs,
                Casing::Of { .. } => self.casing.of(field.of()),
            };
            part.push_str(&field.source(case));
        }
        source.push_str(&self.part_source(open, &part));
        source
    }

    fn part_source(&self, by: Option<Algorithm>, part: &str) -> String {
        let mut source = part.to_owned();
        if let Casing::Whole(case) = self.casing {
            source = match case {
                Case::Lower => format!("strtolower({source})"),
                Case::Upper => format!("strtoupper({source})"),
                Case::AsIs => source,
            };
        }
        by.map_or(source.clone(), |by| form::hex_source(by, &source))
    }

    /// Each value with the gap in front of it.
    fn parts(&self) -> impl Iterator<Item = (&'static str, &'a Field)> {
        let gaps = std::iter::once("").chain(self.gaps.iter().copied());
        let fields = self.fields;
        gaps.zip(self.order.fields().filter_map(move |number| fields.get(number)))
    }
}

/// Moves a part to the end of the text, as it is or as its digest.
fn close(by: Option<Algorithm>, part: &mut Vec<u8>, out: &mut Vec<u8>) {
    match by {
        None => out.append(part),
        Some(by) => {
            form::write_hex(by.digest(part).as_bytes(), out);
            part.clear();
        }
    }
}

/// Returns ` . ` with the separator of the gap.
fn joint(gap: &str) -> String {
    let mut joint = " . ".to_owned();
    if !gap.is_empty() {
        let _ = write!(joint, "{} . ", quoted(gap));
    }
    joint
}
