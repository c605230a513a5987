//! What phones of other makers find at the switch: the tests that run them, as a table of behaviours and stacks.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, ensure};

/// What stands above the table.
const HEADING: &str = "# Phones of other makers

Unmodified phones on the wire against the built-in switch, with media through it. Written by `cargo xtask interop`; those of pjsip and JsSIP run in `scripts/test` too, the others with what `scripts/peers` installs. Each stack is driven by a program in `crates/switch-sip/tests/sip/interop`, each behaviour is written once in `behaviours.rs`. Versions are those of `scripts/phones.txt` (pjsip) and `scripts/phones.json` (JsSIP, over a WebSocket and with a peer in the place of a browser's WebRTC); baresip 1.0, Linphone 5.1 and Kamailio 5.6 are those of Debian 12, Asterisk 22 that of Debian sid. Behind the name `kamailio` is baresip with a Kamailio in the way of everything it sends and gets (Path, Record-Route). Of baresip without it, a blind transfer by the called party did not reach the third phone; why is not known yet, and it is left out.

";

/// What came of each behaviour, stack by stack.
#[derive(Default)]
struct Results(BTreeMap<String, BTreeMap<String, bool>>);

/// Runs the tests and writes the table.
pub(crate) fn run(workspace: &Path) -> anyhow::Result<ExitCode> {
    let tests = Command::new("cargo")
        .args([
            "test",
            "--locked",
            "-p",
            "switch-sip",
            "--features",
            "peers",
            "--test",
            "sip",
            "--",
            "interop::",
        ])
        .current_dir(workspace)
        .stderr(Stdio::inherit())
        .output()
        .context("the tests cannot be run")?;
    let results = Results::read(&String::from_utf8_lossy(&tests.stdout));
    ensure!(!results.0.is_empty(), "no test has run");
    let table = results.table();
    print!("{table}");
    let path = workspace.join("docs/interop.md");
    fs::write(&path, format!("{HEADING}{table}"))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(if tests.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Results {
    /// Reads what the tests print: `test interop::stack::behaviour ... ok`.
    fn read(printed: &str) -> Self {
        let mut results = Self::default();
        for line in printed.lines().filter_map(|line| line.strip_prefix("test interop::")) {
            if let Some((name, outcome)) = line.split_once(" ... ")
                && let Some((stack, behaviour)) = name.split_once("::")
            {
                let stacks = results.0.entry(behaviour.replace('_', " ")).or_default();
                stacks.insert(stack.to_owned(), outcome == "ok");
            }
        }
        results
    }

    /// As a table of Markdown; what a stack cannot be asked to do is left out with a dash.
    fn table(&self) -> String {
        let stacks: BTreeSet<_> = self.0.values().flat_map(BTreeMap::keys).collect();
        let mut table = String::from("| behaviour |");
        for stack in &stacks {
            let _ = write!(table, " {stack} |");
        }
        table += &format!("\n| --- |{}\n", " --- |".repeat(stacks.len()));
        for (behaviour, outcomes) in &self.0 {
            let _ = write!(table, "| {behaviour} |");
            for stack in &stacks {
                let outcome =
                    outcomes.get(*stack).map_or("–", |is_ok| if *is_ok { "ok" } else { "**fails**" });
                let _ = write!(table, " {outcome} |");
            }
            table.push('\n');
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tests_print_becomes_a_table() {
        let printed = "running 3 tests\ntest interop::one::it_rings ... ok\ntest interop::two::it_rings ... FAILED\n\
                       test interop::one::it_sings ... ok\ntest other ... ok\n";
        let expected = "| behaviour | one | two |\n| --- | --- | --- |\n| it rings | ok | **fails** |\n\
                        | it sings | ok | – |\n";
        assert_eq!(Results::read(printed).table(), expected);
    }
}
