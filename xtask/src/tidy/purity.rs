//! The crates `b2bua`, `call`, `sip` and `transactions` know no clock, socket, file, task, lock or log.

use super::{Finding, code::Name, tree::Tree};

/// The pure crates.
const PURE: [&str; 4] = ["b2bua", "call", "sip", "transactions"];

/// Words that stand for the world outside wherever they appear in a path.
const WORDS: [&str; 31] = [
    "Barrier",
    "Condvar",
    "Instant",
    "LazyLock",
    "Mutex",
    "Once",
    "OnceLock",
    "ReentrantLock",
    "RwLock",
    "SystemTime",
    "TcpListener",
    "TcpStream",
    "ToSocketAddrs",
    "UNIX_EPOCH",
    "UdpSocket",
    "UnixListener",
    "UnixStream",
    "atomic",
    "dbg",
    "eprint",
    "eprintln",
    "getrandom",
    "log",
    "mpsc",
    "parking_lot",
    "print",
    "println",
    "rand",
    "thread_local",
    "tokio",
    "tracing",
];

/// Modules of the standard library that lead outside.
const MODULES: [&str; 6] = ["env", "fs", "io", "os", "process", "thread"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    PURE.iter().flat_map(|pure| check_crate(tree, pure)).collect()
}

fn check_crate(tree: &Tree, pure: &str) -> Vec<Finding> {
    let folder = format!("crates/{pure}/src/");
    let sources =
        tree.sources_in(&folder).flat_map(|source| source.code.names.iter().map(move |name| (source, name)));
    let impure = sources.filter_map(|(source, name)| {
        let word = impurity(name)?;
        let message =
            format!("`{word}` does not belong in the pure crate `{pure}`: time and chance come in as values");
        Some(Finding::error(&source.path, name.line, message))
    });
    impure.collect()
}

fn impurity(name: &Name) -> Option<String> {
    if let [std, module, ..] = name.path.as_slice()
        && matches!(std.as_str(), "std" | "core" | "alloc")
        && MODULES.contains(&module.as_str())
    {
        return Some(format!("{std}::{module}"));
    }
    let is_impure = |word: &&String| WORDS.contains(&word.as_str()) || is_atomic(word);
    name.path.iter().find(is_impure).cloned()
}

fn is_atomic(word: &str) -> bool {
    word.strip_prefix("Atomic")
        .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()))
}
