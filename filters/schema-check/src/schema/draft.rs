//! Which words a schema is written in.

/// A draft of JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draft {
    /// Draft 4 (2013).
    Draft4,
    /// Draft 6 (2017).
    Draft6,
    /// Draft 7 (2018).
    Draft7,
    /// 2019-09.
    Draft201909,
    /// 2020-12, which OpenAPI 3.1 and 3.2 use.
    Draft202012,
}

/// What `format` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formats {
    /// It is checked.
    Check,
    /// It says something and decides nothing.
    Ignore,
    /// What the schema's own dialect says: checked by a dialect with the vocabulary `format-assertion`.
    AsDeclared,
}

impl Draft {
    const ALL: [(&'static str, Self); 5] = [
        ("4", Self::Draft4),
        ("6", Self::Draft6),
        ("7", Self::Draft7),
        ("2019-09", Self::Draft201909),
        ("2020-12", Self::Draft202012),
    ];

    /// By its word: `4`, `6`, `7`, `2019-09`, `2020-12`.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, draft)| *draft)
    }

    pub(super) fn theirs(self) -> jsonschema::Draft {
        match self {
            Self::Draft4 => jsonschema::Draft::Draft4,
            Self::Draft6 => jsonschema::Draft::Draft6,
            Self::Draft7 => jsonschema::Draft::Draft7,
            Self::Draft201909 => jsonschema::Draft::Draft201909,
            Self::Draft202012 => jsonschema::Draft::Draft202012,
        }
    }
}
