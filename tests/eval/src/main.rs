//! Measures prompt-guard on a labelled corpus.

fn main() {}
