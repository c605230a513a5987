//! What phones and phone systems of other makers find at the switch: the tests that run them, as tables of behaviours
//! and stacks.

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

Unmodified phones on the wire against the built-in switch, with media through it. Written by `cargo xtask interop`; those of pjsip and JsSIP run in `scripts/test` too, the others with what `scripts/peers` installs. Each stack is driven by a program in `crates/switch-sip/tests/sip/interop`, each behaviour is written once in `behaviours.rs`. Versions are those of `scripts/phones.txt` (pjsip) and `scripts/phones.json` (JsSIP, over a WebSocket and with a peer in the place of a browser's WebRTC); baresip 1.0, Linphone 5.1 and Kamailio 5.6 are those of Debian 12, Asterisk 22 that of Debian sid. Behind the name `kamailio` is baresip with a Kamailio in the way of everything it sends and gets (Path, Record-Route). baresip's module `mwi` hangs when the phone has registered before the module's first timer; the driver gives it its account after that.

";

/// What stands above the table of those at a trunk.
const TRUNKS: &str = "
## Phone systems of other makers

An Asterisk 22 that is a phone system at a trunk of the switch, alone, and (`kamailio`) behind a Kamailio 5.6 that stays in the way of all that is said (Record-Route) and checks every message by its `sanity` module; what displeases it fails the test. What the system does with a call, its dialplan says (`phone_system.py`); the phones of the office are the switch's own test agents. Each behaviour is written once in `trunks/behaviours.rs`.

What was seen, where it is ok:

* acknowledges early media: Asterisk insists on PRACK (`100rel=required`); the switch sends it for a phone that knows nothing of it, and passes on the 183 with its description.
* asks who calls: Kamailio answers with 407 and wants a digest by SHA-256; the INVITE comes again with credentials.
* asks whether the switch is there: OPTIONS in both directions; each side holds the other to be up.
* hangs up behind the answer: the BYE comes right behind the 200, five times; the phone is hung up on each time.
* hears digits and is heard: RFC 4733 through the switch's media, and voice back by it.
* hides who calls: anonymous From with P-Asserted-Identity and Privacy, or with Remote-Party-ID; the phone sees nobody, the record has the number.
* holds and resumes, holds in an acknowledgement: a call by Asterisk and back to a second phone. What that asks for in a re-INVITE, or in the ACK of one without SDP, reaches Asterisk as hold and its end, and the first phone as `sendonly` and `sendrecv`.
* is told who hides: an untrusted trunk sees `anonymous`, a trusted one the number, not to be shown.
* refers a call, sends a call on: REFER and 302 to a phone of the office; Asterisk is told by NOTIFY that the transfer is made.
* refreshes a session: 90 s are agreed on; the UPDATE comes at half of it, and the call goes on.
* registers the switch: REGISTER with a digest; Asterisk calls the Contact, and takes the switch's call for that of who has registered.
* tells who is connected: Asterisk's party becomes another (CONNECTEDLINE) and it says so in a re-INVITE; the phone is shown the new one by the switch's.
* wants longer sessions: 422 with Min-SE; the INVITE comes again with a session of an hour.

";

/// What came of the behaviours of phones, and of phone systems at trunks.
#[derive(Default)]
struct Results {
    phones: Table,
    trunks: Table,
}

/// What came of each behaviour, stack by stack.
#[derive(Default)]
struct Table(BTreeMap<String, BTreeMap<String, bool>>);

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
    ensure!(!results.phones.0.is_empty() && !results.trunks.0.is_empty(), "no test has run");
    let (phones, trunks) = (results.phones.text(), results.trunks.text());
    print!("{phones}{trunks}");
    let path = workspace.join("docs/interop.md");
    fs::write(&path, format!("{HEADING}{phones}{TRUNKS}{trunks}"))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(if tests.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Results {
    /// Reads what the tests print: `test interop::stack::behaviour ... ok`, of those at trunks
    /// `test interop::trunks::stack::behaviour ... ok`.
    fn read(printed: &str) -> Self {
        let mut results = Self::default();
        for line in printed.lines().filter_map(|line| line.strip_prefix("test interop::")) {
            if let Some((name, outcome)) = line.split_once(" ... ")
                && let Some((place, behaviour)) = name.rsplit_once("::")
            {
                let (table, stack) = match place.strip_prefix("trunks::") {
                    Some(stack) => (&mut results.trunks, stack),
                    None => (&mut results.phones, place),
                };
                let stacks = table.0.entry(behaviour.replace('_', " ")).or_default();
                stacks.insert(stack.to_owned(), outcome == "ok");
            }
        }
        results
    }
}

impl Table {
    /// As Markdown; what a stack cannot be asked to do is left out with a dash.
    fn text(&self) -> String {
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
    fn what_the_tests_print_becomes_tables() {
        let printed = "running 3 tests\ntest interop::one::it_rings ... ok\ntest interop::two::it_rings ... FAILED\n\
                       test interop::one::it_sings ... ok\ntest other ... ok\n\
                       test interop::trunks::one::it_rings ... ok\n";
        let expected = "| behaviour | one | two |\n| --- | --- | --- |\n| it rings | ok | **fails** |\n\
                        | it sings | ok | – |\n";
        let results = Results::read(printed);
        assert_eq!(results.phones.text(), expected);
        assert_eq!(results.trunks.text(), "| behaviour | one |\n| --- | --- |\n| it rings | ok |\n");
    }
}
