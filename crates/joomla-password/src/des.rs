//! DES as crypt bends it: a salt that swaps bits of the expansion, many passes.
//!
//! Called by [`super::des_crypt`]. Blocks and keys are numbers whose most significant bit is the
//! standard's bit 1; the tables are those of FIPS 46-3. Must not import: `des_crypt`.

use std::sync::LazyLock;

/// The sixteen round keys of 48 bits.
pub(super) struct KeySchedule([u64; 16]);

impl KeySchedule {
    /// From a key of 64 bits, of which every eighth is ignored.
    pub(super) fn new(key: u64) -> Self {
        let halves = permute(key, 64, &KEY_CHOICE);
        let (mut left, mut right) = (halves >> 28, halves & LOW_28);
        Self(SHIFTS.map(|shift| {
            left = rotate_28(left, shift);
            right = rotate_28(right, shift);
            permute(left << 28 | right, 56, &ROUND_KEY_CHOICE)
        }))
    }

    /// Encrypts a block `count` times over. Bit `i` of the salt, counted from the least
    /// significant, swaps the bits `i + 1` and `i + 25` of every expanded half block.
    pub(super) fn encrypt(&self, block: u64, salt: u32, count: u32) -> u64 {
        let swaps = u64::from(salt.reverse_bits() >> 8);
        // Between two passes the final permutation undoes the initial one.
        let mut halves = permute(block, 64, &INITIAL);
        for _ in 0..count {
            halves = self.rounds(halves, swaps);
        }
        permute(halves, 64, &FINAL)
    }

    fn rounds(&self, halves: u64, swaps: u64) -> u64 {
        let (mut left, mut right) = (halves >> 32, halves & LOW_32);
        for round_key in self.0 {
            let expanded = expand(right);
            let swapped = (expanded >> 24 ^ expanded) & swaps;
            let mixed = expanded ^ (swapped << 24 | swapped) ^ round_key;
            (left, right) = (right, left ^ substitute(mixed));
        }
        right << 32 | left
    }
}

const LOW_28: u64 = (1 << 28) - 1;
const LOW_32: u64 = (1 << 32) - 1;

/// Picks bits of a `width`-bit number by their places, the first place giving the most
/// significant bit.
fn permute(bits: u64, width: u8, places: &[u8]) -> u64 {
    places.iter().fold(0, |picked, place| picked << 1 | bits >> (width - place) & 1)
}

fn rotate_28(half: u64, by: u8) -> u64 {
    (half << by | half >> (28 - by)) & LOW_28
}

/// Eight groups of six bits, each group overlapping its neighbours by one bit.
fn expand(half: u64) -> u64 {
    // The half with its last bit before it and its first bit behind it.
    let ring = (half & 1) << 33 | half << 1 | half >> 31;
    (0..8).fold(0, |groups, index| groups << 6 | ring >> (28 - 4 * index) & 0x3f)
}

/// The S boxes with the permutation that follows them.
fn substitute(mixed: u64) -> u64 {
    let mut half = 0;
    let mut groups = mixed;
    for outputs in SUBSTITUTIONS.iter().rev() {
        half |= outputs.get((groups & 0x3f) as usize).copied().unwrap_or(0);
        groups >>= 6;
    }
    half
}

/// For each S box and each six bits, the permuted 32 bits that come of them.
static SUBSTITUTIONS: LazyLock<[[u64; 64]; 8]> = LazyLock::new(|| {
    let mut shift = 32;
    S_BOXES.map(|rows| {
        shift -= 4;
        let mut outputs = [0; 64];
        for (six, output) in outputs.iter_mut().enumerate() {
            // The outer two bits choose the row, the inner four the column.
            let row = six >> 4 & 0b10 | six & 1;
            let column = six >> 1 & 0xf;
            let four = rows.get(row * 16 + column).copied().unwrap_or(0);
            *output = permute(u64::from(four) << shift, 32, &PERMUTATION);
        }
        outputs
    })
});

const SHIFTS: [u8; 16] = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];

const INITIAL: [u8; 64] = [
    58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6,
    64, 56, 48, 40, 32, 24, 16, 8, 57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61,
    53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
];

const FINAL: [u8; 64] = [
    40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31, 38, 6, 46, 14, 54, 22, 62, 30,
    37, 5, 45, 13, 53, 21, 61, 29, 36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27,
    34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9, 49, 17, 57, 25,
];

const KEY_CHOICE: [u8; 56] = [
    57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60,
    52, 44, 36, 63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29,
    21, 13, 5, 28, 20, 12, 4,
];

const ROUND_KEY_CHOICE: [u8; 48] = [
    14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52,
    31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];

const PERMUTATION: [u8; 32] = [
    16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19,
    13, 30, 6, 22, 11, 4, 25,
];

/// Four rows of sixteen each.
const S_BOXES: [[u8; 64]; 8] = [
    [
        14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7, 0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12,
        11, 9, 5, 3, 8, 4, 1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0, 15, 12, 8, 2, 4, 9,
        1, 7, 5, 11, 3, 14, 10, 0, 6, 13,
    ],
    [
        15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10, 3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1,
        10, 6, 9, 11, 5, 0, 14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15, 13, 8, 10, 1, 3, 15,
        4, 2, 11, 6, 7, 12, 0, 5, 14, 9,
    ],
    [
        10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8, 13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5,
        14, 12, 11, 15, 1, 13, 6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7, 1, 10, 13, 0, 6,
        9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12,
    ],
    [
        7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15, 13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2,
        12, 1, 10, 14, 9, 10, 6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4, 3, 15, 0, 6, 10, 1,
        13, 8, 9, 4, 5, 11, 12, 7, 2, 14,
    ],
    [
        2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9, 14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15,
        10, 3, 9, 8, 6, 4, 2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14, 11, 8, 12, 7, 1, 14,
        2, 13, 6, 15, 0, 9, 10, 4, 5, 3,
    ],
    [
        12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11, 10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13,
        14, 0, 11, 3, 8, 9, 14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6, 4, 3, 2, 12, 9, 5,
        15, 10, 11, 14, 1, 7, 6, 0, 8, 13,
    ],
    [
        4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1, 13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5,
        12, 2, 15, 8, 6, 1, 4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2, 6, 11, 13, 8, 1, 4,
        10, 7, 9, 5, 0, 15, 14, 2, 3, 12,
    ],
    [
        13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7, 1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6,
        11, 0, 14, 9, 2, 7, 11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8, 2, 1, 14, 7, 4, 10,
        8, 13, 15, 12, 9, 0, 3, 5, 6, 11,
    ],
];
