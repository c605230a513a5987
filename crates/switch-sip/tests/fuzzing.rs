//! What the fuzzer runs, on the inputs that it begins with.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, path::Path};

use switch_sip::fuzzing;

fn each(seeds: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(seeds);
    let seeds: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
    assert!(!seeds.is_empty());
    for seed in seeds {
        run(&seed);
        run(&seed[..seed.len() / 2]);
    }
}

#[test]
fn no_message_and_no_description_makes_a_parser_panic() {
    each("sip", fuzzing::sip);
    each("sdp", fuzzing::sdp);
}

#[test]
fn no_packet_of_a_stranger_makes_media_panic_or_is_taken() {
    each("stun", fuzzing::stun);
    each("dtls", fuzzing::dtls);
    each("srtp", fuzzing::srtp);
    each("rtcp", fuzzing::rtcp);
    each("keying", fuzzing::keying);
}
