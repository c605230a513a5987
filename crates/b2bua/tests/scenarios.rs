//! Ladders of messages in and out: see `support/ladder.rs`. `B2BUA_BLESS=1` writes what comes out into the
//! files, to be read before it is kept.

#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

mod support;

use std::{fs, path::Path};

#[test]
fn each_scenario_comes_out_as_it_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if let Ok(only) = std::env::var("B2BUA_ONLY")
            && !name.contains(&only)
        {
            continue;
        }
        let Ok(printed) = std::panic::catch_unwind(|| support::ladder::run(&text)) else {
            wrong.push(format!("{name}: see above"));
            continue;
        };
        if std::env::var_os("B2BUA_BLESS").is_some() {
            fs::write(&file, &printed).unwrap();
        } else if printed != text {
            wrong.push(format!("{name}: it came out as\n{printed}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
