//! Patterns over units: a convolution with a maximum over all places, and a few mixtures of what it found; fitted by Adam
//! (Kingma, Ba 2015) with words left out at random, so that what is learnt is learnt of concepts too.

use std::ops::Range;

use prompt_guard::detect::injection::lexicon::Hash;
use prompt_guard::detect::injection::patterns::{LARGEST, MIXED, PATTERNS, Patterns, ROW, SPAN};
use prompt_guard::detect::injection::units::{Units, Vocabulary, WORDS};

use crate::chance::Chance;
use crate::examples::Example;
use crate::windows::{Set, words};

/// How many numbers stand for what is known of a unit.
const WIDTH: usize = 24;

#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The most words of the vocabulary.
    pub words: usize,
    /// How often each example is seen.
    pub epochs: usize,
    /// How large the first steps are.
    pub rate: f32,
    /// What keeps weights small.
    pub decay: f32,
    /// How many words of a hundred are left out.
    pub left_out: usize,
    /// Another beginning for each.
    pub seed: u64,
}

impl Settings {
    pub const ALL: Settings = Settings { words: 4000, epochs: 8, rate: 0.004, decay: 0.0001, left_out: 50, seed: 1 };
}

/// The words that occur most.
pub fn vocabulary<'u>(pieces: impl Iterator<Item = &'u Units>, most: usize) -> Vocabulary {
    let mut counts = words(pieces);
    counts.sort_by_key(|(hash, count)| (std::cmp::Reverse(*count), *hash));
    let known: Vec<Hash> = counts.into_iter().take(most).map(|(hash, _)| hash).collect();
    Vocabulary::new(&known)
}

/// What is known of units, words of the vocabulary among it.
pub fn known(bare: &Units, vocabulary: &Vocabulary) -> Units {
    let mut units = Units::default();
    for (numbers, hash) in bare.bare() {
        let word = vocabulary.number(hash).map(|word| word + WORDS as u16);
        units.push(numbers.iter().copied().chain(word));
    }
    units
}

/// The units of a window, and where in them each piece is: no pattern goes over the end of one.
struct Pieces {
    units: Units,
    ranges: Vec<Range<usize>>,
}

impl Pieces {
    fn of(pieces: &[Units], vocabulary: &Vocabulary) -> Self {
        let (mut units, mut ranges) = (Units::default(), Vec::new());
        for piece in pieces {
            let start = units.len();
            known(piece, vocabulary).iter().for_each(|unit| units.push(unit.iter().copied()));
            ranges.push(start..units.len());
        }
        Self { units, ranges }
    }
}

/// All that is fitted; and in the same shape, the direction in which it is to change.
#[derive(Clone)]
struct Weights {
    /// [`WIDTH`] for each number of a unit.
    known: Vec<f32>,
    /// For each unit that a pattern spans, for each of [`WIDTH`], one for each pattern.
    spans: Vec<f32>,
    bias: Vec<f32>,
    pattern: Vec<f32>,
    mixing: Vec<f32>,
    mixed_bias: Vec<f32>,
    mixed: Vec<f32>,
    start: f32,
}

/// What a window makes of them.
struct Met {
    /// [`WIDTH`] for each unit.
    units: Vec<f32>,
    /// Which words are left out.
    is_left_out: Vec<bool>,
    best: [f32; PATTERNS],
    /// At which unit of which piece; none if the pattern is not met.
    place: [Option<(usize, Range<usize>)>; PATTERNS],
    mixtures: [f32; MIXED],
    logit: f32,
}

impl Weights {
    fn new(numbers: usize, chance: &mut Chance) -> Self {
        let mut some = |count: usize, size: f32| -> Vec<f32> { (0..count).map(|_| chance.around() * size).collect() };
        let mut known = some(numbers * WIDTH, 0.05);
        known.iter_mut().take(WORDS * WIDTH).for_each(|weight| *weight *= 8.0);
        Self {
            known,
            spans: some(SPAN * WIDTH * PATTERNS, 0.15),
            bias: vec![0.0; PATTERNS],
            pattern: some(PATTERNS, 0.2),
            mixing: some(MIXED * PATTERNS, 0.2),
            mixed_bias: vec![0.0; MIXED],
            mixed: some(MIXED, 0.4),
            start: -0.5,
        }
    }

    fn nothing(&self) -> Self {
        let none = |weights: &[f32]| vec![0.0; weights.len()];
        Self {
            known: none(&self.known),
            spans: none(&self.spans),
            bias: none(&self.bias),
            pattern: none(&self.pattern),
            mixing: none(&self.mixing),
            mixed_bias: none(&self.mixed_bias),
            mixed: none(&self.mixed),
            start: 0.0,
        }
    }

    /// All but what is known of units, and how far it is kept small.
    fn dense(&mut self) -> [(&mut [f32], f32); 7] {
        [
            (&mut self.spans, 1.0),
            (&mut self.bias, 0.0),
            (&mut self.pattern, 1.0),
            (&mut self.mixing, 1.0),
            (&mut self.mixed_bias, 0.0),
            (&mut self.mixed, 1.0),
            (std::slice::from_mut(&mut self.start), 0.0),
        ]
    }

    fn met(&self, window: &Pieces, chance: &mut Chance, left_out: usize) -> Met {
        let units = &window.units;
        let mut met = Met {
            units: vec![0.0; units.len() * WIDTH],
            is_left_out: Vec::with_capacity(units.len()),
            best: [0.0; PATTERNS],
            place: [const { None }; PATTERNS],
            mixtures: [0.0; MIXED],
            logit: self.start,
        };
        for (unit, numbers) in met.units.chunks_exact_mut(WIDTH).zip(units.iter()) {
            let is_left_out = chance.below(100) < left_out;
            met.is_left_out.push(is_left_out);
            for number in numbers.iter().map(|number| usize::from(*number)) {
                if number < WORDS || !is_left_out {
                    add(unit, &self.known[number * WIDTH..(number + 1) * WIDTH], 1.0);
                }
            }
        }
        for piece in &window.ranges {
            for at in piece.clone() {
                self.take(&mut met, at, piece);
            }
        }
        met.logit += dot(&self.pattern, &met.best);
        for (at, mixing) in self.mixing.chunks_exact(PATTERNS).enumerate() {
            met.mixtures[at] = (self.mixed_bias[at] + dot(mixing, &met.best)).max(0.0);
        }
        met.logit += dot(&self.mixed, &met.mixtures);
        met
    }

    /// How strongly patterns are met around a unit.
    fn take(&self, met: &mut Met, at: usize, piece: &Range<usize>) {
        let mut here = [0.0; PATTERNS];
        here.copy_from_slice(&self.bias);
        for (step, unit) in around(at, piece) {
            let spans = self.spans[step * WIDTH * PATTERNS..].chunks_exact(PATTERNS);
            for (value, weights) in met.units[unit * WIDTH..(unit + 1) * WIDTH].iter().zip(spans) {
                for (here, weight) in here.iter_mut().zip(weights) {
                    *here += value * weight;
                }
            }
        }
        for (pattern, here) in here.iter().enumerate() {
            if *here > met.best[pattern] {
                met.best[pattern] = *here;
                met.place[pattern] = Some((at, piece.clone()));
            }
        }
    }

    /// Adds the direction in which the logit of a window grows, times `by`.
    fn back(&self, met: &Met, units: &Units, by: f32, to: &mut Weights, touched: &mut Vec<usize>) {
        let mut patterns = [0.0; PATTERNS];
        to.start += by;
        add(&mut to.pattern, &met.best, by);
        add(&mut patterns, &self.pattern, by);
        for at in (0..MIXED).filter(|at| met.mixtures[*at] > 0.0) {
            to.mixed[at] += by * met.mixtures[at];
            let by = by * self.mixed[at];
            to.mixed_bias[at] += by;
            add(&mut to.mixing[at * PATTERNS..(at + 1) * PATTERNS], &met.best, by);
            add(&mut patterns, &self.mixing[at * PATTERNS..(at + 1) * PATTERNS], by);
        }
        let mut changes = vec![0.0; met.units.len()];
        for (pattern, place) in met.place.iter().enumerate() {
            let Some((place, piece)) = place else { continue };
            to.bias[pattern] += patterns[pattern];
            for (step, unit) in around(*place, piece) {
                for width in 0..WIDTH {
                    let weight = (step * WIDTH + width) * PATTERNS + pattern;
                    to.spans[weight] += patterns[pattern] * met.units[unit * WIDTH + width];
                    changes[unit * WIDTH + width] += patterns[pattern] * self.spans[weight];
                }
            }
        }
        for ((numbers, change), is_left_out) in units.iter().zip(changes.chunks_exact(WIDTH)).zip(&met.is_left_out) {
            for number in numbers.iter().map(|number| usize::from(*number)) {
                if (number < WORDS || !is_left_out) && change.iter().any(|change| *change != 0.0) {
                    add(&mut to.known[number * WIDTH..(number + 1) * WIDTH], change, 1.0);
                    touched.push(number);
                }
            }
        }
    }
}

/// The units around one of a piece that a pattern spans, each with its place in the span.
fn around(at: usize, piece: &Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    let unit = move |step: usize| Some((step, (at + step).checked_sub(SPAN / 2)?));
    (0..SPAN).filter_map(unit).filter(|(_, unit)| piece.contains(unit))
}

fn add(to: &mut [f32], more: &[f32], by: f32) {
    to.iter_mut().zip(more).for_each(|(to, more)| *to += more * by);
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// Adam's two means of what a weight was told.
struct Steps {
    first: Weights,
    second: Weights,
    /// What is left of the two means' beginning.
    left: (f32, f32),
}

impl Steps {
    fn change(
        &mut self,
        weights: &mut Weights,
        told: &mut Weights,
        touched: &mut Vec<usize>,
        count: f32,
        rate: f32,
        decay: f32,
    ) {
        self.left = (self.left.0 * 0.9, self.left.1 * 0.999);
        let step = Step { rate, left: self.left };
        let all = weights.dense().into_iter().zip(told.dense()).zip(self.first.dense()).zip(self.second.dense());
        for ((((weights, kept), (told, _)), (first, _)), (second, _)) in all {
            for at in 0..weights.len() {
                let wish = told[at] / count + decay * kept * weights[at];
                step.take(&mut weights[at], wish, &mut first[at], &mut second[at]);
                told[at] = 0.0;
            }
        }
        touched.sort_unstable();
        touched.dedup();
        for number in touched.drain(..) {
            let kept = if number < WORDS { decay } else { decay * 3.0 };
            for at in number * WIDTH..(number + 1) * WIDTH {
                let wish = told.known[at] / count + kept * weights.known[at];
                let (first, second) = (&mut self.first.known[at], &mut self.second.known[at]);
                step.take(&mut weights.known[at], wish, first, second);
                told.known[at] = 0.0;
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Step {
    rate: f32,
    left: (f32, f32),
}

impl Step {
    fn take(self, weight: &mut f32, wish: f32, first: &mut f32, second: &mut f32) {
        *first = 0.9 * *first + 0.1 * wish;
        *second = 0.999 * *second + 0.001 * wish * wish;
        *weight -= self.rate * (*first / (1.0 - self.left.0)) / ((*second / (1.0 - self.left.1)).sqrt() + 1e-8);
    }
}

/// Examples that change weights together.
const TOGETHER: usize = 32;

/// Fits patterns to what is wanted of each example, from 0 to 1; in whole numbers.
pub fn train(
    set: &Set,
    examples: &[Example],
    wanted: &[f32],
    vocabulary: &Vocabulary,
    settings: &Settings,
) -> Patterns {
    let mut chance = Chance::new(settings.seed);
    let mut weights = Weights::new(WORDS + vocabulary.len(), &mut chance);
    let mut told = weights.nothing();
    let mut steps = Steps { first: weights.nothing(), second: weights.nothing(), left: (1.0, 1.0) };
    let pieces = |example: &Example| Pieces::of(set.units(example.window), vocabulary);
    let windows: Vec<Pieces> = examples.iter().map(pieces).collect();
    let mut order: Vec<usize> = (0..examples.len()).filter(|at| !windows[*at].units.is_empty()).collect();
    let all = settings.epochs * order.len().div_ceil(TOGETHER);
    let (mut done, mut touched) = (0, Vec::new());
    for _ in 0..settings.epochs {
        chance.shuffle(&mut order);
        for together in order.chunks(TOGETHER) {
            for at in together {
                let met = weights.met(&windows[*at], &mut chance, settings.left_out);
                let share = 1.0 / (1.0 + libm::expf(-met.logit));
                let by = (share - wanted[*at]) * (examples[*at].weight as f32).min(20.0);
                weights.back(&met, &windows[*at].units, by, &mut told, &mut touched);
            }
            done += 1;
            let rate = settings.rate * (1.0 - done as f32 / all as f32).max(0.02);
            steps.change(&mut weights, &mut told, &mut touched, together.len() as f32, rate, settings.decay);
        }
    }
    weights.whole()
}

impl Weights {
    /// In whole numbers: the first layer as a table, a row for each number of a unit.
    fn whole(&self) -> Patterns {
        let numbers = self.known.len() / WIDTH;
        let rows: Vec<f32> = (0..numbers).flat_map(|number| self.row(number)).collect();
        let mut largest = [1e-9_f32; PATTERNS];
        for (at, weight) in rows.iter().enumerate() {
            largest[at % PATTERNS] = largest[at % PATTERNS].max(weight.abs());
        }
        let scale = largest.map(|largest| largest / 127.0);
        // A pattern that died has no weights, and no bias.
        let bias = |(bias, scale): (&f32, &f32)| if *scale < 1e-6 { 0 } else { (bias / scale).round() as i16 };
        let fixed = |value: f32| (value * 65536.0).round() as i32;
        // What is too small to count is left out.
        let live: Vec<usize> = (0..MIXED).filter(|at| fixed(self.mixed[*at]) != 0).collect();
        let made: Vec<Vec<f32>> = std::iter::once(&self.pattern[..])
            .chain(live.iter().map(|at| &self.mixing[at * PATTERNS..(at + 1) * PATTERNS]))
            .map(|row| row.iter().zip(&scale).map(|(weight, scale)| weight * scale * 65536.0).collect())
            .collect();
        let ones: Vec<f32> = made
            .iter()
            .map(|row| row.iter().fold(1e-9_f32, |most, weight| most.max(weight.abs())) / f32::from(LARGEST))
            .collect();
        let whole = made.iter().zip(&ones).flat_map(|(row, one)| row.iter().map(move |weight| (weight / one).round()));
        Patterns {
            rows: rows.iter().enumerate().map(|(at, weight)| (weight / scale[at % PATTERNS]).round() as i8).collect(),
            bias: self.bias.iter().zip(&scale).map(bias).collect(),
            mixing: whole.map(|weight| weight as i16).collect(),
            scale: ones.iter().copied().map(fixed).collect(),
            mixed_bias: live.iter().map(|at| fixed(self.mixed_bias[*at])).collect(),
            mixed: live.iter().map(|at| fixed(self.mixed[*at])).collect(),
            start: fixed(self.start),
        }
    }

    /// What a number adds to patterns that end with its unit, have it in the middle, and begin with it.
    fn row(&self, number: usize) -> [f32; ROW] {
        let mut row = [0.0; ROW];
        for (part, step) in (0..SPAN).rev().enumerate() {
            for width in 0..WIDTH {
                let weights = &self.spans[(step * WIDTH + width) * PATTERNS..][..PATTERNS];
                add(&mut row[part * PATTERNS..][..PATTERNS], weights, self.known[number * WIDTH + width]);
            }
        }
        row
    }
}
