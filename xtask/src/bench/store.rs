//! Stores full of calls, made once and used again.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, ensure};

/// Lists show the last day, so an older store is of no use.
const FRESH: Duration = Duration::from_secs(6 * 3_600);

/// What users of the stores log in with.
pub const PASSWORD: &str = "bench-password";

/// Where the calls of days that are over lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the database.
    Hot,
    /// In sealed files.
    Sealed,
}

/// A folder for a server whose history is full.
pub struct Store {
    /// The folder.
    pub folder: PathBuf,
    /// Accounts, one in ten a carrier's: the last ones.
    pub accounts: u32,
}

impl Store {
    /// A store of so many records and accounts; filled if it is not there or too old.
    pub fn open(records: u64, accounts: u32, form: Form) -> Result<Self> {
        let home = std::env::home_dir().context("there is no home folder")?;
        let sealed = if form == Form::Sealed { "-sealed" } else { "" };
        let folder =
            home.join(format!(".cache/trunkline/bench/{records}-records-{accounts}-accounts{sealed}"));
        let store = Self { folder, accounts };
        if !store.is_fresh() {
            store.fill(records, form)?;
        }
        Ok(store)
    }

    fn mark(&self) -> PathBuf {
        self.folder.join("filled")
    }

    fn is_fresh(&self) -> bool {
        let age = |path: &Path| SystemTime::now().duration_since(path.metadata().ok()?.modified().ok()?).ok();
        age(&self.mark()).is_some_and(|age| age < FRESH)
    }

    fn fill(&self, records: u64, form: Form) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        fs::create_dir_all(&self.folder)?;
        println!("filling {} …", self.folder.display());
        let status = Command::new(env!("CARGO"))
            .args([
                "run",
                "--quiet",
                "--release",
                "--locked",
                "--package",
                "history",
                "--example",
                "fill",
                "--",
            ])
            .arg(self.folder.join("data"))
            .args([records.to_string(), self.accounts.to_string()])
            .args((form == Form::Sealed).then_some("sealed"))
            .status()?;
        ensure!(status.success(), "the store could not be filled");
        Ok(fs::write(self.mark(), "")?)
    }

    /// The first carrier, which has most calls of all accounts.
    pub fn carrier(&self) -> u32 {
        first_carrier(self.accounts)
    }

    /// The directory that goes with it. The user `all` sees every account, `one` the busiest client and
    /// `carrier` the busiest carrier.
    pub fn directory(&self) -> Result<String> {
        directory(self.accounts)
    }
}

/// A directory of so many accounts.
pub fn directory(accounts: u32) -> Result<String> {
    let mut text = String::from("realm = \"bench\"\n[[customers]]\nname = \"Bench\"\n");
    for center in 1..=10 {
        write!(text, "[[centers]]\nname = \"Center {center}\"\ncustomer = \"Bench\"\n")?;
    }
    for id in 1..=accounts {
        write!(text, "[[accounts]]\nid = {id}\nname = \"Account {id}\"\ncustomer = \"Bench\"\n")?;
        write!(text, "center = \"Center {}\"\nuuid = \"{}\"\n", 1 + id % 10, uuid(id))?;
    }
    let carrier = first_carrier(accounts);
    for (login, accounts) in [("all", String::new()), ("one", "1".into()), ("carrier", carrier.to_string())] {
        write!(text, "[[users]]\nlogin = \"{login}\"\ncustomer = \"Bench\"\npassword = \"{PASSWORD}\"\n")?;
        write!(text, "name = \"{login}\"\nrole = \"manager\"\naccounts = [{accounts}]\n")?;
    }
    Ok(text)
}

fn first_carrier(accounts: u32) -> u32 {
    accounts - (accounts / 10).max(1) + 1
}

/// The UUID of an account.
pub fn uuid(account: u32) -> String {
    format!("{account:08}-0000-4000-8000-000000000000")
}
