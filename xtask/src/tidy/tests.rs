//! The checks on small made-up trees.

use super::{
    check,
    tree::{File, Tree},
};

fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
    check(&Tree::of(files.iter().map(file).collect())).iter().map(ToString::to_string).collect()
}

fn manifest(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\n\n{rest}")
}

#[test]
fn a_tidy_tree_has_nothing_to_say() {
    let live = manifest("live", "[dependencies]\ncall.workspace = true\nhistory.workspace = true\n");
    let found = findings(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"),
        ("crates/live/Cargo.toml", &live),
        ("crates/live/src/lib.rs", "//! Calls as they are.\n\nuse std::sync::Mutex;\n"),
        ("crates/call/src/lib.rs", "//! Pure.\n\nuse std::{net::IpAddr, sync::Arc, time::Duration};\n"),
        ("crates/yeti/src/routes.rs", "//! Routes.\n\nuse http_core::auth::Client;\nuse history::History;\n"),
    ]);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_crate_must_not_depend_on_what_lies_beside_or_above_it() {
    let history = manifest("history", "[dependencies]\ncall.workspace = true\ndirectory.workspace = true\n");
    let call = manifest("call", "[dependencies]\nlive = { path = \"../live\" }\n");
    assert_eq!(
        findings(&[("crates/history/Cargo.toml", &history), ("crates/call/Cargo.toml", &call)]),
        [
            "error: crates/call/Cargo.toml:5: `call` must not depend on `live`; \
             of the workspace it may depend on: none",
            "error: crates/history/Cargo.toml:6: `history` must not depend on `directory`; \
             of the workspace it may depend on: call",
        ]
    );
}

#[test]
fn a_dependency_is_known_under_another_name_and_for_one_target() {
    let api = manifest(
        "api",
        "[dependencies]\nengine = { package = \"switch-sip\", path = \"../switch-sip\" }\n\n\
         [target.'cfg(unix)'.build-dependencies.trunkline]\npath = \"../trunkline\"\n",
    );
    let found = findings(&[("crates/api/Cargo.toml", &api)]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("error: crates/api/Cargo.toml:5: `api` must not depend on `switch-sip`;"));
    assert!(found[1].starts_with("error: crates/api/Cargo.toml:7: `api` must not depend on `trunkline`;"));
}

#[test]
fn testkit_is_for_tests_only() {
    let fine = manifest("history", "[dev-dependencies]\ntestkit.workspace = true\n");
    let wrong = manifest("live", "[dependencies]\ntestkit.workspace = true\n");
    assert_eq!(
        findings(&[("crates/history/Cargo.toml", &fine), ("crates/live/Cargo.toml", &wrong)]),
        ["error: crates/live/Cargo.toml:5: `live` may depend on `testkit` in [dev-dependencies] only, \
          not in [dependencies]"]
    );
}

#[test]
fn tests_keep_to_the_layers_too_but_may_use_their_own_crate() {
    let switch =
        manifest("switch", "[dev-dependencies]\nswitch.workspace = true\nhistory.workspace = true\n");
    let found = findings(&[("crates/switch/Cargo.toml", &switch)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("error: crates/switch/Cargo.toml:6: `switch` must not depend on `history`;")
    );
}

#[test]
fn a_new_crate_needs_a_place_in_the_layers() {
    assert_eq!(
        findings(&[("crates/billing/Cargo.toml", &manifest("billing", ""))]),
        ["error: crates/billing/Cargo.toml:2: `billing` has no place in the layers; \
          give it one in xtask/src/tidy/layers.rs"]
    );
}

#[test]
fn a_manifest_that_cannot_be_read_is_told() {
    let found = findings(&[("crates/live/Cargo.toml", "[package]\nname = \n")]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("error: crates/live/Cargo.toml:2: this is not a manifest: "), "{found:?}");
}

#[test]
fn the_pure_crates_name_nothing_of_the_world_outside() {
    let text = "//! Not so pure.\n\n\
        use std::{\n    fs,\n    net::{IpAddr, TcpStream},\n    sync::{Arc, atomic::AtomicU64},\n    time::{Duration, Instant},\n};\n\n\
        fn look() {\n    std::thread::yield_now();\n    tokio::spawn(async {});\n    println!(\"x\");\n}\n";
    for pure in ["call", "sip"] {
        names_the_world(pure, text);
    }
}

fn names_the_world(pure: &str, text: &str) {
    let found = findings(&[(&format!("crates/{pure}/src/deep/clock.rs"), text)]);
    let expected = [
        (4, "std::fs"),
        (5, "TcpStream"),
        (6, "atomic"),
        (7, "Instant"),
        (11, "std::thread"),
        (12, "tokio"),
        (13, "println"),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(line, word)| {
            format!(
                "error: crates/{pure}/src/deep/clock.rs:{line}: `{word}` does not belong in the pure crate \
                 `{pure}`: time and chance come in as values"
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn comments_texts_and_tests_of_the_pure_crate_may_name_the_world() {
    let text = "//! No tokio, no Mutex.\n/// Not an Instant.\npub fn f() -> &'static str {\n    \
        // rand\n    /* println */ \"std::fs, tracing\"\n}\n";
    let test = "//! Reads files.\nuse std::fs;\n";
    assert_eq!(
        findings(&[("crates/call/src/lib.rs", text), ("crates/call/tests/scenarios.rs", test)]),
        Vec::<String>::new()
    );
}

#[test]
fn a_dialect_knows_neither_its_siblings_nor_the_switch_nor_the_database() {
    let text = "//! Convert.\n\nuse vonage::{auth::Client, wire};\nuse history::sqlite::Store;\n\
        use switch::Switch;\n\nfn f(switch: u8) -> u8 {\n    rusqlite::params![];\n    switch\n}\n";
    assert_eq!(
        findings(&[("crates/yeti/src/convert.rs", text)]),
        [
            "error: crates/yeti/src/convert.rs:3: the dialect `yeti` must not know the dialect `vonage`",
            "error: crates/yeti/src/convert.rs:4: the dialect `yeti` must not know \
             the database (`history::sqlite::Store`)",
            "error: crates/yeti/src/convert.rs:5: the dialect `yeti` must not know the switch (`switch`)",
            "error: crates/yeti/src/convert.rs:8: the dialect `yeti` must not know \
             the database (`rusqlite::params`)",
        ]
    );
}

#[test]
fn what_puts_the_dialects_together_may_know_them_all() {
    let text = "//! Assembly.\n\nuse hostedsuite::routes;\nuse vonage::Vonage;\nuse switch::Switch;\n";
    assert_eq!(findings(&[("crates/api/src/lib.rs", text)]), Vec::<String>::new());
    assert_eq!(findings(&[("crates/native/src/lib.rs", text)]).len(), 3);
}

#[test]
fn a_dialect_depends_on_no_other_and_the_core_on_none() {
    let one = manifest("yeti", "[dependencies]\nhttp-core.workspace = true\nvonage.workspace = true\n");
    let core = manifest("http-core", "[dependencies]\nnative.workspace = true\n");
    let found = findings(&[("crates/http-core/Cargo.toml", &core), ("crates/yeti/Cargo.toml", &one)]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0]
            .starts_with("error: crates/http-core/Cargo.toml:5: `http-core` must not depend on `native`;")
    );
    assert!(found[1].starts_with("error: crates/yeti/Cargo.toml:6: `yeti` must not depend on `vonage`;"));
}

#[test]
fn a_file_without_a_heading_fails() {
    assert_eq!(
        findings(&[("crates/live/src/feed.rs", "/// A feed.\npub struct Feed;\n")]),
        ["error: crates/live/src/feed.rs:1: a `//!` line at the head must say what the file holds"]
    );
}

#[test]
fn a_file_that_is_not_rust_is_told() {
    let found = findings(&[("crates/live/src/feed.rs", "//! A feed.\nfn f() {\n")]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("error: crates/live/src/feed.rs:"), "{found:?}");
    assert!(found[0].ends_with(": this is not Rust"), "{found:?}");
}

#[test]
fn long_functions_and_files_are_warned_of_but_do_not_fail() {
    let body = "    step();\n".repeat(59);
    let short = format!("//! Steps.\nfn short() {{\n{}}}\n", "    step();\n".repeat(58));
    let long = format!("//! Steps.\nimpl Steps {{\nfn long() {{\n{body}}}\n}}\n");
    let file = format!("//! Steps.\n{}", "const A: u8 = 1;\n".repeat(500));
    assert_eq!(
        findings(&[("xtask/src/a.rs", &short), ("xtask/src/b.rs", &long), ("xtask/src/c.rs", &file)]),
        [
            "warning: xtask/src/b.rs:3: `long` has 61 lines; above 60 it may do more than one thing",
            "warning: xtask/src/c.rs:1: the file has 501 lines; above 500 it may hold more than one thing",
        ]
    );
}

#[test]
fn tests_may_be_long() {
    let long = format!("fn long() {{\n{}}}\n", "    step();\n".repeat(600));
    let inside = format!("//! Steps.\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
    let beside = format!("//! Tests.\n{long}");
    let found = findings(&[
        ("crates/live/src/steps.rs", &inside),
        ("crates/live/tests/steps.rs", &beside),
        ("crates/live/src/steps/tests.rs", &beside),
    ]);
    assert_eq!(found, Vec::<String>::new());
}
