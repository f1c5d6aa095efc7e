//! Payment cards: ISO/IEC 7812, ranges and lengths as the networks publish them.

use super::Kind;
use super::check::{is_varied, luhn, part};
use super::rule::Rule;

/// Digits alone, and in the groups that are embossed: fours, or 4-6-5 and 4-6-4 (American Express, Diners Club).
pub(super) const RULE: Rule = Rule {
    kind: Kind::Card,
    alone: &[
        "############",
        "#############",
        "##############",
        "###############",
        "################",
        "#################",
        "##################",
        "###################",
        "#### ###### #####",
        "####-######-#####",
        "#### ###### ####",
        "####-######-####",
        "#### #### #### #",
        "####-####-####-#",
        "#### #### #### ###",
        "####-####-####-###",
        "#### #### #### ####",
        "####-####-####-####",
        "####.####.####.####",
        "######## ########",
        "#### #### #### #### ###",
        "####-####-####-####-###",
        "###### #############",
    ],
    named: &[],
    check: is_card,
};

fn is_card(number: &[u8]) -> bool {
    is_issued(number) && is_varied(number) && luhn(number)
}

/// Whether a network has cards that begin so and are that long.
fn is_issued(number: &[u8]) -> bool {
    let length = number.len();
    let (two, three, four) = (part(number, 0..2), part(number, 0..3), part(number, 0..4));
    match (two, three, four) {
        // Visa; thirteen digits are old
        (40..=49, ..) => matches!(length, 13 | 16 | 19),
        // Mastercard; Troy
        (51..=55, ..) | (.., 2221..=2720 | 9792) => length == 16,
        // American Express; JCB of old
        (34 | 37, ..) | (.., 1800 | 2131) => length == 15,
        // Diners Club
        (36 | 38 | 39, ..) | (_, 300..=305 | 309, _) => (14..=19).contains(&length),
        // Maestro; the rest of 60 to 69 is others'
        (50 | 56..=58, ..) | (.., 6304 | 6759 | 6761..=6763) => (12..=19).contains(&length),
        // JCB, which has 3528 to 3589, though test data has all of 35; Mir; Discover, UnionPay, RuPay
        (35 | 60 | 62 | 64 | 65 | 81 | 82, ..) | (.., 2200..=2204) => (16..=19).contains(&length),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_card;

    #[test]
    fn numbers_that_the_networks_publish_for_tests_are_cards() {
        for number in [
            "4111111111111111",
            "4222222222222",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "30569309025904",
            "6011111111111117",
            "3530111333300000",
            "6200000000000005",
            "2200000000000004",
        ] {
            assert!(is_card(number.as_bytes()), "{number}");
        }
    }

    #[test]
    fn a_sum_alone_makes_no_card() {
        for number in ["0000000000000000", "1234567812345670", "41111111111111112", "55555555555544440"] {
            assert!(!is_card(number.as_bytes()), "{number}");
        }
    }
}
