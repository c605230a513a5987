//! A small directory that the tests start from.

use std::sync::Arc;

use call::{AccountId, Number, Timestamp, party::Owner};
use directory::{Directory, DirectoryFile, Snapshot};

pub const SMALL: &str = r#"realm = "sip.example.com"

[[customers]]
name = "acme"

[[customers]]
name = "bolt"

[[customers]]
name = "carrier"

[[centers]]
name = "berlin"
customer = "acme"

[[accounts]]
id = 10
name = "Acme one"
customer = "acme"
center = "berlin"
billing = { origination_rateplan = "retail" }

[[accounts]]
id = 20
name = "Bolt one"
customer = "bolt"

[[accounts]]
id = 90
name = "Carrier"
customer = "carrier"

[[devices]]
sip_user = "acme-1"
account = 10
mac = "38-99-62-93-E2-A9"
secret = "device-secret-1"

[[devices]]
sip_user = "bolt-1"
account = 20
mac = "38-99-62-93-E2-AA"
secret = "device-secret-2"

[[extensions]]
account = 10
number = "1001"
name = "Ann Lee"
devices = ["acme-1"]

[[extensions]]
account = 20
number = "2001"
devices = ["bolt-1"]

[[numbers]]
number = "+493012345678"
account = 10
extension = "1001"
screen_pop = "Acme, hello"

[[users]]
login = "ann"
customer = "acme"
password = "ann-password"
name = "Ann Lee"
role = "manager"
accounts = [10]
networks = ["10.0.0.0/8"]
extension = { account = 10, number = "1001" }

[[trunks]]
name = "west"
account = 90
host = "192.0.2.9"
sources = ["192.0.2.9"]
auth = { user = "trunk-user", password = "trunk-password" }

[[trunks.routes]]
prefix = ""

[[rateplans]]
name = "retail"
[[rateplans.rates]]
prefix = "49"
initial_interval = 60
initial_rate = "0.02"
next_interval = 1
next_rate = "0.01"
"#;

pub fn parse(text: &str) -> DirectoryFile {
    match DirectoryFile::parse("directory.toml", text) {
        Ok(file) => file,
        Err(error) => panic!("{error}"),
    }
}

/// The small directory with one text in it replaced.
pub fn small_with(old: &str, new: &str) -> String {
    assert_eq!(SMALL.matches(old).count(), 1, "the small directory has {old:?} not once");
    SMALL.replace(old, new)
}

/// The small directory with text after it.
pub fn small_and(more: &str) -> String {
    format!("{SMALL}\n{more}")
}

pub fn directory(text: &str) -> Directory {
    let directory = Directory::in_memory().expect("memory takes a database");
    directory.apply(&parse(text)).expect("memory takes the entries");
    directory
}

pub fn snapshot(text: &str) -> Arc<Snapshot> {
    directory(text).snapshot()
}

pub fn owner(snapshot: &Snapshot, account: u32) -> Owner {
    snapshot.account(AccountId(account)).expect("the account is there").owner()
}

/// 2026-01-02 12:00:00 UTC: when the calls of the tests begin.
pub const NOW: Timestamp = Timestamp::from_seconds(1_767_355_200);

pub fn number(text: &str) -> Number {
    text.into()
}
