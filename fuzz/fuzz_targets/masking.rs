#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformant_fuzz::fuzz("masking", data));
