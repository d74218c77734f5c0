//! Fair comparison: contenders take turns, and each round gives a ratio of its own. The machine's
//! moods last longer than a round, so the median of the ratios is steadier than any of the values.

use std::time::Duration;

/// How long a comparison takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounds {
    /// How often all contenders take their turn.
    pub(crate) count: usize,
    /// How long a turn is.
    pub(crate) time: Duration,
}

impl Rounds {
    /// Lets all contenders take turns; a list of samples for each.
    pub(crate) fn run<S>(self, contenders: &mut [&mut dyn FnMut(Duration) -> S]) -> Vec<Vec<S>> {
        let warm_up = Duration::from_secs(1);
        for contender in contenders.iter_mut() {
            contender(warm_up);
        }
        let mut samples: Vec<Vec<S>> = contenders.iter().map(|_| Vec::new()).collect();
        for _ in 0..self.count {
            for (contender, samples) in contenders.iter_mut().zip(&mut samples) {
                samples.push(contender(self.time));
            }
        }
        samples
    }
}

/// The middle of some values, and the span that half of them lie in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Median {
    pub(crate) middle: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Median {
    /// Of at least one value.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |part: usize| {
            let place = (values.len() - 1) * part;
            let (low, rest) = (place / 4, place % 4);
            let next = (low + 1).min(values.len() - 1);
            let share = [0.0, 0.25, 0.5, 0.75][rest];
            values[low] + (values[next] - values[low]) * share
        };
        Self { low: at(1), middle: at(2), high: at(3) }
    }

    /// Of `a / b`, round by round.
    pub(crate) fn ratio<S>(a: &[S], b: &[S], value: impl Fn(&S) -> f64) -> Self {
        Self::of(a.iter().zip(b).map(|(a, b)| value(a) / value(b)))
    }
}
