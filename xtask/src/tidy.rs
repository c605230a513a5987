//! Checks of the tree that the compiler does not make. Each is a function from the tree to what it finds.

mod code;
mod dialects;
mod headings;
mod layers;
mod lengths;
mod purity;
#[cfg(test)]
mod tests;
mod tree;

use std::{
    fmt,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use tree::Tree;

/// Something that is not as it should be, at a line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    severity: Severity,
    file: String,
    line: usize,
    message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Severity {
    /// To be thought about.
    Warning,
    /// Fails the run.
    Error,
}

impl Finding {
    fn error(file: &str, line: usize, message: String) -> Self {
        Self { severity: Severity::Error, file: file.to_owned(), line, message }
    }

    fn warning(file: &str, line: usize, message: String) -> Self {
        Self { severity: Severity::Warning, file: file.to_owned(), line, message }
    }
}

/// Checks the tree below `root` and prints what it finds. Fails on errors, not on warnings.
pub fn run(root: &Path) -> anyhow::Result<ExitCode> {
    let findings = check(&Tree::read(root)?);
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let mut out = io::stdout().lock();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    writeln!(out, "tidy: errors: {errors}, warnings: {}", findings.len() - errors)?;
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// All that is not as it should be: warnings first, so that errors stand at the end where they are seen.
fn check(tree: &Tree) -> Vec<Finding> {
    let checks = [layers::check, purity::check, dialects::check, headings::check, lengths::check];
    let mut findings: Vec<_> = checks.iter().flat_map(|check| check(tree)).collect();
    findings.sort();
    findings.dedup();
    findings
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}: {}:{}: {}", self.file, self.line, self.message)
    }
}
