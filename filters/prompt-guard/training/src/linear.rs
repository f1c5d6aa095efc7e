//! Logistic regression over features, in its dual form, one example after another (Yu, Huang, Lin: "Dual coordinate
//! descent methods for logistic regression and maximum entropy models", 2011).

use prompt_guard::detect::injection::features::{FEATURES, Group};
use prompt_guard::detect::injection::linear::Linear;

use crate::chance::Chance;
use crate::examples::Example;
use crate::windows::Window;

/// Which kinds of features are used, and how much fits are worth against small weights.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// What a feature of each kind counts; 0 is none. Letters count that over the root of how many there are.
    pub values: [f32; 8],
    pub cost: f64,
    pub epochs: usize,
}

impl Settings {
    /// All kinds.
    pub const ALL: Settings = Settings { values: [0.5, 0.5, 0.5, 0.3, 0.5, 0.35, 0.35, 3.0], cost: 0.05, epochs: 12 };
    /// Words and letters alone.
    pub const LETTERS: Settings = Settings { values: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0], ..Settings::ALL };
    /// Concepts alone.
    pub const CONCEPTS: Settings = Settings { values: [0.5, 0.5, 0.5, 0.3, 0.5, 0.35, 0.35, 0.0], ..Settings::ALL };
}

/// Weights that are not whole yet.
pub struct Regression {
    weights: Vec<f32>,
    start: f32,
    values: [f32; 8],
    kinds: Vec<u8>,
}

/// What the beginning of every score counts as a feature: more than others, so that it is hardly kept small.
const START: f32 = 2.0;

impl Regression {
    /// Fits examples.
    pub fn train(examples: &[Example], settings: &Settings) -> Self {
        let kinds = (0..FEATURES).map(|feature| Group::of(feature).place() as u8).collect();
        let mut fit = Self { weights: vec![0.0; FEATURES], start: 0.0, values: settings.values, kinds };
        let squares: Vec<f64> = examples.iter().map(|example| fit.square(example.window)).collect();
        let mut duals = vec![0.0; examples.len()];
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let mut chance = Chance::new(7);
        for _ in 0..settings.epochs {
            chance.shuffle(&mut order);
            for at in &order {
                let (example, dual) = (&examples[*at], &mut duals[*at]);
                let sign = if example.is_attack { 1.0 } else { -1.0 };
                let margin = sign * f64::from(fit.score(example.window));
                let new = step(margin, *dual, squares[*at], settings.cost * example.weight);
                fit.add(example.window, ((new - *dual) * sign) as f32);
                *dual = new;
            }
        }
        fit
    }

    /// The logit of a window.
    pub fn score(&self, window: &Window) -> f32 {
        let (mut sum, mut letters) = (0.0, 0.0);
        for feature in &window.features {
            let (weight, kind) = (self.weights[*feature as usize], usize::from(self.kinds[*feature as usize]));
            if kind == Group::Letters.place() {
                letters += weight;
            } else {
                sum += self.values[kind] * weight;
            }
        }
        self.start * START + sum + letters * self.values[Group::Letters.place()] * window.by_root
    }

    fn value(&self, feature: u32, window: &Window) -> f32 {
        let kind = usize::from(self.kinds[feature as usize]);
        self.values[kind] * if kind == Group::Letters.place() { window.by_root } else { 1.0 }
    }

    fn square(&self, window: &Window) -> f64 {
        let of = |same: &[u32]| {
            let value = f64::from(self.value(same[0], window) * same.len() as f32);
            value * value
        };
        f64::from(START * START) + window.features.chunk_by(u32::eq).map(of).sum::<f64>()
    }

    fn add(&mut self, window: &Window, change: f32) {
        self.start += change * START;
        for feature in &window.features {
            self.weights[*feature as usize] += change * self.value(*feature, window);
        }
    }

    /// In whole numbers.
    pub fn whole(&self) -> Linear {
        let mut linear = Linear { start: (self.start * START * 65536.0) as i32, ..Linear::default() };
        let mut largest = [0.0_f32; 8];
        for (weight, kind) in self.weights.iter().zip(&self.kinds) {
            let largest = &mut largest[usize::from(*kind)];
            *largest = largest.max(weight.abs());
        }
        for (at, (weight, kind)) in self.weights.iter().zip(&self.kinds).enumerate() {
            let largest = largest[usize::from(*kind)].max(1e-9);
            linear.weights[at] = (weight / largest * 127.0).round() as i8;
        }
        for (kind, scale) in linear.scale.iter_mut().enumerate() {
            *scale = (largest[kind] / 127.0 * self.values[kind] * 65536.0).round() as i32;
        }
        linear
    }
}

/// The best dual variable of one example, the others as they are: the root of a function that grows, by Newton's method,
/// with the variable as `cost` times a sigmoid.
fn step(margin: f64, dual: f64, square: f64, cost: f64) -> f64 {
    let mut at = if dual > 0.0 && dual < cost { libm::log(dual / (cost - dual)) } else { -margin };
    for _ in 0..8 {
        let sigmoid = 1.0 / (1.0 + libm::exp(-at));
        let value = square * (cost * sigmoid - dual) + margin + at;
        let slope = square * cost * sigmoid * (1.0 - sigmoid) + 1.0;
        let change = value / slope;
        at -= change;
        if change.abs() < 1e-4 {
            break;
        }
    }
    cost / (1.0 + libm::exp(-at))
}
