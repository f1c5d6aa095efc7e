//! Pictures: the same wherever they are cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::image(data));
