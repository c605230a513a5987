//! What the demo shows in the terminal.

use std::{
    io::{IsTerminal, Write},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use call::party::Transport;
use live::Live;

use super::cast::{ACCOUNT, CUSTOMER, Cast, LOGIN, VISITOR};
use crate::assembly::Server;

/// One ready command for each of the five documents.
const COMMANDS: &str = include_str!("screen/commands.txt");

/// Where people look, and how they sign in.
const CONSOLE: &str =
    "Look at it: $TRUNKLINE_URL/console (user name $TRUNKLINE_LOGIN, password $TRUNKLINE_PASSWORD)";

/// Where people talk.
const PHONE: &str = "Talk to it: open $TRUNKLINE_PHONE (good once), allow the microphone, dial 1002; it is the phone of $TRUNKLINE_EXTENSION";

/// The variables that the commands use, by name.
pub fn variables(server: &Server, cast: &Cast) -> Result<Vec<(&'static str, String)>> {
    let sip = server.sip(Transport::Udp).context("the demo needs SIP over UDP")?;
    let phone = server.sign_in_link(LOGIN, "/phone").context("the demo has no user")?;
    Ok(vec![
        ("TRUNKLINE_URL", format!("http://{}", server.http())),
        ("TRUNKLINE_SIP", sip.to_string()),
        ("TRUNKLINE_CUSTOMER", CUSTOMER.to_owned()),
        ("TRUNKLINE_LOGIN", LOGIN.to_owned()),
        ("TRUNKLINE_PASSWORD", cast.password.clone()),
        ("TRUNKLINE_TOKEN", cast.token.clone()),
        ("TRUNKLINE_ACCOUNT", ACCOUNT.to_string()),
        ("TRUNKLINE_ACCOUNT_UUID", cast.account_uuid.to_string()),
        ("TRUNKLINE_DEVICE_USER", VISITOR.to_owned()),
        ("TRUNKLINE_DEVICE_SECRET", cast.visitor_secret.clone()),
        ("TRUNKLINE_EXTENSION", VISITOR.to_owned()),
        ("TRUNKLINE_PHONE", phone),
    ])
}

/// Prints the addresses, the credentials and the commands, with the variables' values in place.
pub fn welcome(variables: &[(&str, String)]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "Trunkline demo. Phones call one another; stop with Ctrl-C.\n")?;
    writeln!(out, "{}\n{}\n", filled(CONSOLE, variables), filled(PHONE, variables))?;
    for (name, value) in variables {
        writeln!(out, "  {name:<24} {value}")?;
    }
    writeln!(out, "\n{}", filled(COMMANDS, variables))?;
    Ok(out.flush()?)
}

fn filled(text: &str, variables: &[(&str, String)]) -> String {
    // Longer names first: one name may begin another.
    let mut sorted: Vec<_> = variables.iter().collect();
    sorted.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    sorted.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${name}"), value))
}

/// Shows the live count, in place on a terminal, else every ten seconds.
pub async fn watch(live: Arc<Live>) {
    let is_terminal = std::io::stdout().is_terminal();
    let pace = if is_terminal { Duration::from_millis(500) } else { Duration::from_secs(10) };
    let mut ticks = tokio::time::interval(pace);
    loop {
        ticks.tick().await;
        let active = live.snapshot().len();
        let mut out = std::io::stdout().lock();
        let shown = match is_terminal {
            true => write!(out, "\rlive calls: {active:<6}").and_then(|()| out.flush()),
            false => writeln!(out, "live calls: {active}"),
        };
        if shown.is_err() {
            return;
        }
    }
}
