//! `trunkline serve`.

use std::{io::Write, net::SocketAddr, time::Duration};

use anyhow::{Context, Result};
use call::party::Transport;
use tokio::signal::unix::{SignalKind, signal};

use crate::{assembly::Server, config::Config, logging};

/// Runs the server until it is told to stop (SIGTERM, SIGINT); a second signal stops it at once.
pub async fn run(config: Config) -> Result<()> {
    logging::start(&config.log)?;
    let server = Server::start(&config).await?;
    announce(&server)?;
    stop_signal().await?;
    tracing::info!(grace_seconds = config.stop.grace_seconds, "stopping: no new calls");
    tokio::select! {
        () = server.stop(Duration::from_secs(config.stop.grace_seconds)) => {}
        again = stop_signal() => {
            again?;
            tracing::warn!("stopping at once");
            server.stop(Duration::ZERO).await;
        }
    }
    tracing::info!("stopped");
    Ok(())
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

/// Waits for SIGTERM or SIGINT.
pub async fn stop_signal() -> Result<()> {
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
