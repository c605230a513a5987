//! `trunkline serve`.

use std::{io::Write, net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::Result;
use call::party::Transport;
use live::Kept;

use super::{
    ConfigOption, reload,
    signals::{Signals, Told},
};
use crate::{assembly::Server, logging, notify};

/// The exit status when events are in the spill file only (`EX_TEMPFAIL` of sysexits).
const SPILLED: u8 = 75;
/// The exit status when the server does not know (`EX_SOFTWARE`).
const UNKNOWN: u8 = 70;

/// Runs the server until it is told to stop (SIGTERM, SIGINT). A further signal ends the calls that are up, one
/// more leaves what a failing store has not taken to the spill file; nothing that was acknowledged is given up.
pub async fn run(option: ConfigOption, accept_loss: bool) -> Result<ExitCode> {
    let mut config = option.load()?;
    let filter = logging::start(&config.log)?;
    let mut signals = Signals::listen()?;
    let server = Server::start(&config, accept_loss).await?;
    announce(&server)?;
    notify::ready();
    while next(&mut signals, &server).await == Told::Reload {
        notify::reloading();
        reload::take_over(&server, &filter, &mut config, &option);
        notify::ready();
    }
    tracing::info!(grace_seconds = config.stop.grace_seconds, "stopping: no new calls");
    let kept = stop(&server, Duration::from_secs(config.stop.grace_seconds), &mut signals).await;
    let status = tell(&kept);
    if kept != Kept::Stored {
        // Whoever waits for a store that fails waits for ever.
        std::mem::forget(server);
    }
    Ok(status)
}

async fn next(signals: &mut Signals, server: &Server) -> Told {
    tokio::select! {
        told = signals.next() => told,
        () = notify::feed_watchdog(server) => Told::Stop,
    }
}

async fn stop(server: &Server, grace: Duration, signals: &mut Signals) -> Kept {
    notify::stopping("no new calls");
    let mut stopping = std::pin::pin!(server.stop(grace));
    let mut fed = std::pin::pin!(notify::feed_watchdog(server));
    loop {
        tokio::select! {
            () = &mut fed => {}
            kept = &mut stopping => return kept,
            told = signals.next() => if told == Told::Stop {
                tracing::warn!(phase = server.live().phase().name(), "told to stop again: in haste now");
                server.live().hasten();
            },
        }
    }
}

/// The last line: where everything is.
fn tell(kept: &Kept) -> ExitCode {
    match kept {
        Kept::Stored => {
            tracing::info!("stopped; everything is in the call history");
            ExitCode::SUCCESS
        }
        Kept::Spilled { events, path } => {
            let path = path.display();
            tracing::error!(events, %path, "stopped; the call history lacks what is in the spill file, which the next start reads");
            ExitCode::from(SPILLED)
        }
        Kept::Unknown => {
            tracing::error!("stopped by a fault; the log says of what");
            ExitCode::from(UNKNOWN)
        }
    }
}

/// Says on standard output where the server listens, for whoever started it.
fn announce(server: &Server) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let (udp, tcp) = (shown(server.sip(Transport::Udp)), shown(server.sip(Transport::Tcp)));
    writeln!(out, "trunkline is up: http {}, sip udp {udp}, sip tcp {tcp}", server.http())?;
    Ok(out.flush()?)
}

fn shown(address: Option<SocketAddr>) -> String {
    address.map_or("none".to_owned(), |address| address.to_string())
}
