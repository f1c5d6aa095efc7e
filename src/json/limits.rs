//! How large a document may be, with a reason for each default.

/// How much of a document is accepted; the grammar itself is not negotiable.
///
/// The defaults suit a request to an AI API. They are second to the cap on the
/// body, which bounds everything here that is measured in bytes of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most arrays and objects open at once. Default 128, as in
    /// `serde_json`, because whoever walks the tree (a validator, `Drop`)
    /// recurses that deep; a `u8`, so that no configuration can make a tree
    /// that overflows the stack of the VM. 0 leaves bare scalars.
    pub depth: u8,
    /// Whether an object may name a member twice. Default [`Duplicates::Refuse`].
    pub duplicates: Duplicates,
    /// Whether to refuse numbers of a magnitude beyond 2^53 - 1, above which
    /// an `f64` no longer holds every integer (RFC 8259, section 6). Judged by
    /// value, however written: `9007199254740993.0` is refused too. Default
    /// `false`.
    pub exact_integers: bool,
    /// The most members in one object. Default 100,000: their names are held
    /// until the object ends, to find duplicates.
    pub members: usize,
    /// The most values in the document, containers included. Default
    /// 1,000,000: work after the reader is done per value, not per byte, and a
    /// value can be two bytes short.
    pub values: usize,
    /// The most bytes in a member name, as written between its quotes. Default
    /// 4,096: a path or a URL used as a name fits, a payload does not.
    pub name_bytes: usize,
    /// The most bytes in a string, as written between its quotes. Default
    /// 16 MiB: an image in base64 fits, if the cap on the body lets it.
    pub string_bytes: usize,
    /// The most bytes in a number. Default 1,000: no `f64` needs more than 767
    /// significant digits, and reading a longer one is work for nothing.
    pub number_bytes: usize,
    /// The most memory, in bytes and estimated from above, that
    /// [`parse`](super::parse) may take for the tree. Default 64 MiB: small
    /// objects take a hundred times their bytes, and in a VM a failed
    /// allocation is a trap for every client of the worker.
    pub tree_bytes: usize,
}

/// What happens when an object names a member twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// The document is refused.
    #[default]
    Refuse,
    /// Both members are reported; [`parse`](super::parse) keeps the later one.
    /// Only for documents on which nothing is decided: the next reader may
    /// keep the earlier.
    Allow,
}

impl Limits {
    /// The defaults, for a constant that differs in some.
    pub const DEFAULT: Self = Limits {
        depth: 128,
        duplicates: Duplicates::Refuse,
        exact_integers: false,
        members: 100_000,
        values: 1_000_000,
        name_bytes: 4_096,
        string_bytes: 16 << 20,
        number_bytes: 1_000,
        tree_bytes: 64 << 20,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
