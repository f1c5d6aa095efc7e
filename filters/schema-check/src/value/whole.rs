//! Whether a number is whole, by its digits: a float takes 9007199254740993.5 for an integer, 9007199254740993.0 for
//! another one, and 1e-400 for zero.

/// What a number is, as far as integers go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    /// This integer.
    Is(i128),
    /// An integer of more digits than an `i128` has.
    Large,
    /// None.
    No,
}

/// Of a number as JSON has it.
pub(super) fn whole(raw: &str) -> Whole {
    if let Ok(integer) = raw.parse() {
        return Whole::Is(integer);
    }
    let (mantissa, exponent) = raw.split_once(['e', 'E']).unwrap_or((raw, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [before, after].concat();
    let significant = digits.trim_end_matches('0');
    if significant.trim_start_matches(['-', '0']).is_empty() {
        return Whole::Is(0);
    }
    let dropped = digits.len().saturating_sub(significant.len());
    match shift(exponent, after.len(), dropped) {
        Some(zeros) => scaled(significant, zeros),
        None => Whole::No,
    }
}

/// How many zeros follow the last significant digit, if it stands before the point.
fn shift(exponent: &str, after: usize, dropped: usize) -> Option<u32> {
    // What 64 bits do not hold is beyond every float, and refused before.
    let exponent: i64 = exponent.parse().ok()?;
    let zeros = exponent.checked_add(i64::try_from(dropped).ok()?)?.checked_sub(i64::try_from(after).ok()?)?;
    u32::try_from(zeros).ok()
}

fn scaled(digits: &str, zeros: u32) -> Whole {
    let factor = 10_i128.checked_pow(zeros);
    let integer = digits.parse::<i128>().ok().zip(factor).and_then(|(digits, factor)| digits.checked_mul(factor));
    integer.map_or(Whole::Large, Whole::Is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_whole_by_its_digits_however_it_is_written() {
        for (raw, expected) in [
            ("0", Whole::Is(0)),
            ("-0", Whole::Is(0)),
            ("-0.00", Whole::Is(0)),
            ("0e99999999999999999999", Whole::Is(0)),
            ("1.0", Whole::Is(1)),
            ("-1e0", Whole::Is(-1)),
            ("1E+2", Whole::Is(100)),
            ("1200e-2", Whole::Is(12)),
            ("1.50e1", Whole::Is(15)),
            ("9007199254740993.0", Whole::Is(9_007_199_254_740_993)),
            ("9.007199254740993e15", Whole::Is(9_007_199_254_740_993)),
            ("9007199254740993.5", Whole::No),
            ("1.00000000000000000001", Whole::No),
            ("1e-400", Whole::No),
            ("12e-2", Whole::No),
            ("1e300", Whole::Large),
            ("1.5e300", Whole::Large),
            ("100000000000000000000000000000000000000000", Whole::Large),
        ] {
            assert_eq!(whole(raw), expected, "{raw}");
        }
    }
}
