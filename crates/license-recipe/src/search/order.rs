//! Which values a text joins, in which order, and with which separators.

use super::depth::Depth;
use super::field::MOST_FIELDS;

/// The most values that are joined, at any depth.
const MOST_JOINED: usize = 8;

/// Some of the values in some order, by their numbers.
#[derive(Clone, Copy)]
pub(super) struct Order {
    fields: [u8; MOST_JOINED],
    length: u8,
}

impl Order {
    const EMPTY: Self = Self { fields: [0; MOST_JOINED], length: 0 };

    /// All orders of `joined` out of `fields` values, each value at most once.
    pub(super) fn all(fields: usize, joined: usize) -> Vec<Self> {
        let mut orders = vec![Self::EMPTY];
        for _ in 0..joined.min(MOST_JOINED) {
            orders = orders
                .iter()
                .flat_map(|order| {
                    let fields = (0u8..).take(fields.min(MOST_FIELDS));
                    fields.filter(|field| !order.has(*field)).map(|field| order.with(field))
                })
                .collect();
        }
        orders
    }

    /// How many values.
    pub(super) fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// Their numbers.
    pub(super) fn fields(&self) -> impl Iterator<Item = usize> {
        self.fields.iter().take(self.len()).map(|field| usize::from(*field))
    }

    fn has(&self, field: u8) -> bool {
        self.fields().any(|other| other == usize::from(field))
    }

    fn with(mut self, field: u8) -> Self {
        if let Some(place) = self.fields.get_mut(usize::from(self.length)) {
            *place = field;
            self.length += 1;
        }
        self
    }
}

/// The separators between the values of an order, in every gap.
pub(super) type Gaps = Vec<&'static str>;

/// The gaps of `joined` values with the same in each.
pub(super) fn even_gaps(joined: usize, depth: Depth) -> Vec<Gaps> {
    if joined < 2 {
        return vec![Vec::new()];
    }
    depth.separators().iter().map(|separator| vec![*separator; joined - 1]).collect()
}

/// All gaps of `joined` values, the even ones first.
pub(super) fn gaps(joined: usize, depth: Depth) -> Vec<Gaps> {
    let mut all = even_gaps(joined, depth);
    let separators = || depth.separators().iter().skip(1).copied();
    if (3..=depth.mixed()).contains(&joined) {
        // A bit a gap: without the patterns that are even.
        for pattern in 1..(1u32 << (joined - 1)) - 1 {
            let has = |gap: usize| pattern >> gap & 1 == 1;
            for separator in separators() {
                all.push(
                    (0..joined - 1).map(|gap| if has(gap) { separator } else { "" }).collect(),
                );
            }
        }
    }
    if joined == 3 && depth.two_separators() {
        for first in separators() {
            all.extend(separators().filter(|second| *second != first).map(|n| vec![first, n]));
        }
    }
    all
}
