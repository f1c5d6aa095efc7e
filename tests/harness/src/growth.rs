//! Whether something grows.

/// By how much each value is larger than the one before, by least squares.
#[allow(clippy::cast_precision_loss)]
pub fn slope(values: &[u64]) -> f64 {
    let count = values.len() as f64;
    let (mean_x, mean_y) = ((count - 1.0) / 2.0, values.iter().map(|y| *y as f64).sum::<f64>() / count);
    let points = values.iter().enumerate().map(|(x, y)| (x as f64 - mean_x, *y as f64 - mean_y));
    let (over, under) = points.fold((0.0, 0.0), |(over, under), (x, y)| (over + x * y, under + x * x));
    if under > 0.0 { over / under } else { 0.0 }
}
