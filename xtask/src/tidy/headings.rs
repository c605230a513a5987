//! Each file says at its head what it holds.

use super::{Finding, tree::Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let silent =
        tree.sources.iter().filter(|source| !source.text.lines().any(|line| line.starts_with("//!")));
    let message = "a `//!` line at the head must say what the file holds";
    let findings = silent.map(|source| Finding::error(&source.path, 1, message.to_owned()));
    findings.chain(tree.unreadable.iter().cloned()).collect()
}
