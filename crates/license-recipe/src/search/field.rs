//! The values a formula may be made of, in the letter cases it may have them in.

use crate::Fact;
use crate::Sample;

use super::depth::Depth;

/// The most values at a time: the eight of a recipe and a few texts.
pub const MOST_FIELDS: usize = 12;

/// A value, for every sample.
pub(super) struct Field {
    of: FieldOf,
    /// As is, in lower case, in upper case; for every sample.
    values: Vec<[Vec<u8>; 3]>,
    /// Whether lower, and upper, case makes a difference for some sample.
    matters: [bool; 2],
}

/// The kind of a value.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum FieldOf {
    Fact(Fact),
    /// A text that the operator has found in the plugin.
    Text(String),
}

/// The letter case of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    AsIs,
    Lower,
    Upper,
}

/// The letter cases of the values of one formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Casing {
    /// E-mail and package group by themselves, the others as they are.
    Of { email: Case, group: Case },
    /// All in one.
    Whole(Case),
}

/// Why a value is not searched with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// It is not known.
    Unknown,
    /// It is empty wherever it is known.
    Empty,
    /// It is equal to another, in every sample.
    SameAs(Fact),
}

impl Field {
    pub(super) fn of(&self) -> &FieldOf {
        &self.of
    }

    /// The bytes for one sample.
    pub(super) fn value(&self, sample: usize, case: Case) -> &[u8] {
        self.values.get(sample).map_or(&[], |[as_is, lower, upper]| match case {
            Case::AsIs => as_is,
            Case::Lower => lower,
            Case::Upper => upper,
        })
    }

    /// The case that stands for those that make no difference, whatever the sample.
    fn canonical(&self, case: Case) -> Case {
        match (case, self.matters) {
            (Case::Lower, [false, _]) | (Case::Upper, [_, false]) => Case::AsIs,
            _ => case,
        }
    }

    /// How a recipe reads it.
    pub(super) fn source(&self, case: Case) -> String {
        let plain = match &self.of {
            FieldOf::Fact(fact) => format!("${}", fact.name()),
            FieldOf::Text(text) => quoted(text),
        };
        match case {
            Case::AsIs => plain,
            Case::Lower => format!("strtolower({plain})"),
            Case::Upper => format!("strtoupper({plain})"),
        }
    }
}

/// A text as a recipe quotes it.
pub(super) fn quoted(text: &str) -> String {
    match text {
        "\n" => r#""\n""#.to_owned(),
        "\t" => r#""\t""#.to_owned(),
        _ => format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'")),
    }
}

/// The values to search with, and those left out. A value is searched with when the first sample
/// has it and it tells something that no other does.
pub(super) fn fields(samples: &[Sample], texts: &[String]) -> (Vec<Field>, Vec<(Fact, LeftOut)>) {
    let mut fields: Vec<Field> = Vec::new();
    let mut left_out = Vec::new();
    // Those that keys are usually made of come first; of two equal ones the likelier stays.
    for fact in LIKELIEST_FIRST {
        let known = samples.first().is_some_and(|sample| sample.knows(fact));
        let field = Field::new(FieldOf::Fact(fact), samples, |n: &Sample| n.facts().text(fact));
        let same = fields.iter().find(|other| other.values == field.values);
        if !known {
            left_out.push((fact, LeftOut::Unknown));
        } else if field.values.iter().all(|[value, ..]| value.is_empty()) {
            left_out.push((fact, LeftOut::Empty));
        } else if let Some(FieldOf::Fact(other)) = same.map(Field::of) {
            left_out.push((fact, LeftOut::SameAs(*other)));
        } else {
            fields.push(field);
        }
    }
    for text in texts {
        let field = Field::new(FieldOf::Text(text.clone()), samples, |_| text.clone().into_bytes());
        let is_known = text.is_empty() || fields.iter().any(|other| other.values == field.values);
        if !is_known && fields.len() < MOST_FIELDS {
            fields.push(field);
        }
    }
    (fields, left_out)
}

const LIKELIEST_FIRST: [Fact; 8] = [
    Fact::Email,
    Fact::Group,
    Fact::Hash,
    Fact::Secret,
    Fact::UserId,
    Fact::Username,
    Fact::GroupName,
    Fact::Name,
];

impl Field {
    fn new(of: FieldOf, samples: &[Sample], value: impl Fn(&Sample) -> Vec<u8>) -> Self {
        let all = |sample| {
            let as_is = value(sample);
            let (lower, upper) = (as_is.to_ascii_lowercase(), as_is.to_ascii_uppercase());
            [as_is, lower, upper]
        };
        let values: Vec<_> = samples.iter().map(all).collect();
        let matters = [
            values.iter().any(|[as_is, lower, _]| as_is != lower),
            values.iter().any(|[as_is, _, upper]| as_is != upper),
        ];
        Self { of, values, matters }
    }
}

impl Casing {
    /// All that are searched, simplest first.
    fn all(depth: Depth) -> Vec<Self> {
        use Case::{AsIs, Lower, Upper};
        let mut all =
            vec![Self::Of { email: AsIs, group: AsIs }, Self::Of { email: Lower, group: AsIs }];
        if depth.all_cases() {
            let of = [
                (Upper, AsIs),
                (AsIs, Lower),
                (AsIs, Upper),
                (Lower, Lower),
                (Upper, Upper),
                (Lower, Upper),
                (Upper, Lower),
            ];
            all.extend(of.map(|(email, group)| Self::Of { email, group }));
            all.extend([Self::Whole(Lower), Self::Whole(Upper)]);
        }
        all
    }

    /// The case it has a value in.
    pub(super) fn of(self, field: &FieldOf) -> Case {
        match (self, field) {
            (Self::Whole(case), _)
            | (Self::Of { email: case, .. }, FieldOf::Fact(Fact::Email))
            | (Self::Of { group: case, .. }, FieldOf::Fact(Fact::Group)) => case,
            (Self::Of { .. }, _) => Case::AsIs,
        }
    }

    /// The casings of these values that make a difference for some sample.
    pub(super) fn distinct(fields: &[&Field], depth: Depth) -> Vec<Self> {
        let mut seen: Vec<Vec<Case>> = Vec::new();
        let mut distinct = Vec::new();
        for casing in Self::all(depth) {
            let canonical: Vec<_> =
                fields.iter().map(|field| field.canonical(casing.of(&field.of))).collect();
            if !seen.contains(&canonical) {
                seen.push(canonical);
                distinct.push(casing);
            }
        }
        distinct
    }
}
