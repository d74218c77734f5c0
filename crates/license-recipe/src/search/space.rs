//! The space of formulas: how many there are, and all of them tried for one order of values.

use crate::digest::{Algorithm, Keyed};

use super::depth::Depth;
use super::field::{Case, Casing, Field, FieldOf};
use super::form::{Encoding, Plan, TextForm};
use super::needle::Needles;
use super::order::{Gaps, Order, even_gaps, gaps};
use super::text::{Nest, Text};
use crate::Fact;

/// All formulas that one sample's key may be read out of.
pub(super) struct Space<'a> {
    fields: &'a [Field],
    depth: Depth,
    /// The number of the sample.
    sample: usize,
    needles: &'a Needles,
    secret: Vec<u8>,
    plan: Plan,
    single: Plan,
    keyed: Vec<KeyedForm>,
    keyed_size: usize,
    /// By the number of values.
    lengths: Vec<Length>,
}

/// A keyed digest with its key, and the encodings it may be written in.
struct KeyedForm {
    algorithm: Algorithm,
    key: Order,
    keyed: Keyed,
    encodings: Vec<Encoding>,
}

/// The combinations for one number of values.
struct Length {
    gaps: Vec<Gaps>,
    even_gaps: Vec<Gaps>,
    nests: Vec<Nest>,
}

/// A formula for which a closer look is worth while.
pub(super) enum LikelyRecipe<'a> {
    Plain(Text<'a>, TextForm),
    Keyed(Text<'a>, &'a Order, Algorithm, Encoding),
}

impl<'a> Space<'a> {
    pub(super) fn new(
        fields: &'a [Field],
        depth: Depth,
        sample: usize,
        needles: &'a Needles,
    ) -> Self {
        let secret = fields.iter().find(|field| *field.of() == FieldOf::Fact(Fact::Secret));
        let lengths = (0..=most_joined(fields, depth)).map(|joined| Length {
            gaps: gaps(joined, depth),
            even_gaps: even_gaps(joined, depth),
            nests: Nest::all(joined, depth),
        });
        let mut space = Self {
            fields,
            depth,
            sample,
            needles,
            secret: secret
                .map(|field| field.value(sample, Case::AsIs).to_vec())
                .unwrap_or_default(),
            plan: Plan::all(depth, needles, secret.is_some()),
            single: Plan::single(depth, needles),
            keyed: Vec::new(),
            keyed_size: 0,
            lengths: lengths.collect(),
        };
        space.keyed = space.keyed_forms();
        space.keyed_size = space.keyed.iter().map(|form| form.encodings.len()).sum();
        space
    }

    /// How many formulas join one value, two values and so on.
    pub(super) fn sizes(&self) -> Vec<u64> {
        let lengths = 1..=most_joined(self.fields, self.depth);
        let size = |joined| self.orders(joined).iter().map(|order| self.size_of(order)).sum();
        lengths.map(size).collect()
    }

    /// The orders of so many values.
    pub(super) fn orders(&self, joined: usize) -> Vec<Order> {
        Order::all(self.fields.len(), joined)
    }

    /// How many formulas read these values in this order.
    fn size_of(&self, order: &Order) -> u64 {
        let Some(length) = self.lengths.get(order.len()) else { return 0 };
        let count = |all: usize| all as u64;
        let keyed = if order.len() <= self.depth.keyed() { self.keyed_size } else { 0 };
        let flat = count(length.gaps.len()) * self.plan.size();
        let nested = count(length.nests.len() * length.even_gaps.len()) * self.single.size();
        let keyed = count(length.even_gaps.len() * keyed);
        count(self.casings(order).len()) * (flat + nested + keyed)
    }

    /// Tries all formulas that read these values in this order; gives how many.
    pub(super) fn try_order<'s>(
        &'s self,
        order: &'s Order,
        hit: &mut dyn FnMut(LikelyRecipe<'s>),
    ) -> u64 {
        let Some(length) = self.lengths.get(order.len()) else { return 0 };
        let (mut bytes, mut part) = (Vec::new(), Vec::new());
        let mut tried = 0;
        for casing in self.casings(order) {
            let text =
                |nest, gaps: &'s Gaps| Text { fields: self.fields, order, casing, nest, gaps };
            for gaps in &length.gaps {
                let text = text(Nest::Flat, gaps);
                text.write(self.sample, &mut bytes, &mut part);
                let hit = &mut |form| hit(LikelyRecipe::Plain(text, form));
                tried += self.plan.try_on(&bytes, &self.secret, self.needles, hit);
            }
            for (nest, gaps) in
                length.nests.iter().flat_map(|nest| length.even_gaps.iter().map(move |g| (nest, g)))
            {
                let text = text(*nest, gaps);
                text.write(self.sample, &mut bytes, &mut part);
                let hit = &mut |form| hit(LikelyRecipe::Plain(text, form));
                tried += self.single.try_on(&bytes, &self.secret, self.needles, hit);
            }
            if self.keyed_for(order).is_empty() {
                continue;
            }
            for gaps in &length.even_gaps {
                let text = text(Nest::Flat, gaps);
                text.write(self.sample, &mut bytes, &mut part);
                for form in self.keyed_for(order) {
                    let digest = form.keyed.digest(&bytes);
                    for &encoding in &form.encodings {
                        tried += 1;
                        if encoding.may_hold(digest.as_bytes(), self.needles) {
                            hit(LikelyRecipe::Keyed(text, &form.key, form.algorithm, encoding));
                        }
                    }
                }
            }
        }
        tried
    }

    fn casings(&self, order: &Order) -> Vec<Casing> {
        let fields: Vec<_> = order.fields().filter_map(|number| self.fields.get(number)).collect();
        Casing::distinct(&fields, self.depth)
    }

    fn keyed_for(&self, order: &Order) -> &[KeyedForm] {
        if order.len() <= self.depth.keyed() { &self.keyed } else { &[] }
    }

    fn keyed_forms(&self) -> Vec<KeyedForm> {
        let mut forms = Vec::new();
        for joined in 1..=self.depth.key_parts() {
            for key in self.orders(joined) {
                let bytes: Vec<u8> = key
                    .fields()
                    .filter_map(|number| self.fields.get(number))
                    .flat_map(|field| field.value(self.sample, Case::AsIs))
                    .copied()
                    .collect();
                for &algorithm in self.depth.keyed_digests() {
                    let encodings = Encoding::of_keyed(algorithm, self.needles);
                    if let Some(keyed) = Keyed::new(algorithm, &bytes)
                        && !encodings.is_empty()
                    {
                        forms.push(KeyedForm { algorithm, key, keyed, encodings });
                    }
                }
            }
        }
        forms
    }
}

impl LikelyRecipe<'_> {
    /// How many values it joins, those of its key included.
    pub(super) fn parts(&self) -> usize {
        match self {
            Self::Plain(text, _) => text.order.len(),
            Self::Keyed(text, key, ..) => text.order.len() + key.len(),
        }
    }

    /// Returns the recipe of the text out of which the key is read.
    pub(super) fn source(&self) -> String {
        match self {
            Self::Plain(text, form) => form.source(&text.source()),
            Self::Keyed(text, key, algorithm, encoding) => {
                let fields = key.fields().filter_map(|number| text.fields.get(number));
                let key: Vec<_> = fields.map(|field| field.source(Case::AsIs)).collect();
                encoding.keyed_source(*algorithm, &text.source(), &key.join(" . "))
            }
        }
    }
}

/// The most values that can be joined.
pub(super) fn most_joined(fields: &[Field], depth: Depth) -> usize {
    depth.joined().min(fields.len())
}
