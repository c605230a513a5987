//! Long functions and files, to be thought about. Tests may be long.

use super::{Finding, tree::Tree};

const FUNCTION: usize = 60;
const FILE: usize = 500;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources.iter().filter(|source| !source.is_test()) {
        let lines = source.code.length(&source.text);
        if lines > FILE {
            let message = format!("the file has {lines} lines; above {FILE} it may hold more than one thing");
            findings.push(Finding::warning(&source.path, 1, message));
        }
        for function in source.code.functions.iter().filter(|function| !function.is_test) {
            if function.length > FUNCTION {
                let (name, length) = (&function.name, function.length);
                let message =
                    format!("`{name}` has {length} lines; above {FUNCTION} it may do more than one thing");
                findings.push(Finding::warning(&source.path, function.line, message));
            }
        }
    }
    findings
}
