//! What a sound is, from its first bytes. To be built.
