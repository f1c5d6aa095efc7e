//! What is written instead of a value, and which value that was.

use std::collections::BTreeMap;

use super::Masked;
use super::form::form;
use crate::config::With;

/// What is written in one request instead of its values.
#[derive(Debug)]
pub(crate) struct Masks {
    with: With,
    /// What stands for a value; of the same value the same.
    by_value: BTreeMap<String, String>,
    /// How many values there were of each kind.
    counts: BTreeMap<&'static str, usize>,
}

impl Masks {
    pub(crate) fn new(with: With) -> Self {
        Self { with, by_value: BTreeMap::new(), counts: BTreeMap::new() }
    }

    /// The values that something stands for: whoever reads the answer puts them back.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.by_value.iter().map(|(value, mask)| (mask.as_str(), value.as_str()))
    }

    /// A text with something else in these places, which do not overlap and stand from left to right.
    pub(super) fn write(&mut self, text: &str, masked: &[Masked]) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for Masked { span, kind } in masked {
            out.push_str(text.get(from..span.start).unwrap_or_default());
            out.push_str(&self.mask(kind, text.get(span.clone()).unwrap_or_default()));
            from = span.end;
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }

    fn mask(&mut self, kind: &'static str, value: &str) -> String {
        if self.with == With::Label {
            return format!("⟦{}⟧", kind.to_ascii_uppercase());
        }
        if let Some(mask) = self.by_value.get(value) {
            return mask.clone();
        }
        let count = self.counts.entry(kind).or_default();
        *count = count.saturating_add(1);
        let placeholder = || format!("⟦{}_{count}⟧", kind.to_ascii_uppercase());
        let mask = match self.with {
            With::Format => form(kind, value, *count).unwrap_or_else(placeholder),
            With::Placeholder | With::Label => placeholder(),
        };
        self.by_value.insert(value.to_owned(), mask.clone());
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(with: With, values: &[&str]) -> Vec<String> {
        let mut masks = Masks::new(with);
        values.iter().map(|value| masks.mask("ssn", value)).collect()
    }

    #[test]
    fn a_label_tells_no_two_values_apart() {
        assert_eq!(all(With::Label, &["078-05-1121", "219-09-9998"]), ["⟦SSN⟧", "⟦SSN⟧"]);
        assert!(Masks::new(With::Label).values().next().is_none());
    }

    #[test]
    fn a_value_has_one_mask_and_another_another() {
        let values = ["078-05-1121", "219-09-9998", "078-05-1121"];
        assert_eq!(all(With::Placeholder, &values), ["⟦SSN_1⟧", "⟦SSN_2⟧", "⟦SSN_1⟧"]);
        assert_eq!(all(With::Format, &values), ["000-00-0001", "000-00-0002", "000-00-0001"]);
    }

    #[test]
    fn a_mask_leads_back_to_its_value() {
        let mut masks = Masks::new(With::Placeholder);
        masks.mask("ssn", "078-05-1121");
        assert_eq!(masks.values().collect::<Vec<_>>(), [("⟦SSN_1⟧", "078-05-1121")]);
    }
}
