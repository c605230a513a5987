//! `trunkline token issue|rotate-key`.

use std::io::Write;

use anyhow::{Context, Result, ensure};
use clap::Args;
use directory::{
    Snapshot,
    audit::{AuditAction, Noted, Whose},
    model::Customer,
};
use ipnet::IpNet;
use switch::{Clock, SystemClock};
use yeti::token::{self, Grant, Holder};

use super::directory::author;
use crate::{assembly, config::Config, keys::KeyFiles};

/// Whom a token is for.
#[derive(Debug, Args)]
pub struct TokenOptions {
    /// The customer's name.
    #[arg(long, value_name = "NAME")]
    customer: String,
    /// An account that it may see, by number; may be repeated. Without it, all of the customer.
    #[arg(long = "account", value_name = "NUMBER")]
    accounts: Vec<u32>,
    /// A network that it may come from; may be repeated. Without it, all.
    #[arg(long = "from", value_name = "NETWORK")]
    networks: Vec<IpNet>,
}

/// Prints a token.
pub fn issue(config: &Config, options: TokenOptions) -> Result<()> {
    let opened = assembly::open_directory(config)?;
    let directory = opened.snapshot();
    let customer = named(&directory, &options.customer)?;
    for account in &options.accounts {
        let is_own = directory.accounts_of(customer.id).any(|own| own.id.0 == *account);
        ensure!(is_own, "--account: found {account}, accepted: an account of {:?}", options.customer);
    }
    let grant = Grant { account_ids: options.accounts, ..Grant::of(customer.id) };
    let networks = if options.networks.is_empty() { grant.allowed_ips } else { options.networks };
    let holder = Holder::Customer(Box::new(Grant { allowed_ips: networks, ..grant }));
    let api = assembly::api_config(config)?;
    let token = token::issue(&api.yeti, &holder, SystemClock::default().now());
    let whose = Whose { customer: Some(customer.id), account: None };
    opened.by(author()).note(&noted(whose, AuditAction::Added, "token"))?;
    writeln!(std::io::stdout(), "{}", token.text)?;
    Ok(())
}

/// Makes a new key. A running server takes it over by itself. Nothing is done where it could not be noted.
pub fn rotate_key(config: &Config) -> Result<()> {
    let directory = assembly::open_directory(config)?;
    KeyFiles::of(config).rotate()?;
    let noted = noted(Whose::default(), AuditAction::Changed, "key that signs tokens");
    directory.by(author()).note(&noted)?;
    Ok(())
}

fn noted(whose: Whose, action: AuditAction, entry: &str) -> Noted {
    Noted { whose, action, entry: entry.to_owned(), before: None, after: None }
}

fn named<'a>(directory: &'a Snapshot, name: &str) -> Result<&'a Customer> {
    let mut customers = directory.entries().customers.iter();
    let found = customers.find(|customer| &*customer.name == name);
    found.with_context(|| format!("--customer: found {name:?}, accepted: the name of a customer"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_key_is_not_changed_where_that_could_not_be_noted() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
        KeyFiles::of(&config).load().unwrap();
        let key = || fs::read(folder.path().join("signing.key")).unwrap();
        let before = key();
        fs::write(
            folder.path().join("directory.db"),
            "this is no database, but as long as its head".repeat(9),
        )
        .unwrap();
        rotate_key(&config).unwrap_err();
        assert_eq!(key(), before);
    }
}
