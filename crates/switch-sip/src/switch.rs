//! The switch as the rest of the server sees it.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use ::switch::{Clock, EventSink, Load, Registration, Switch, SwitchError, Transcoded, TrunkState};
use async_trait::async_trait;
use call::{AccountId, CallCommand, LegId, Number, party::Transport, quality::LegQuality};
use tokio::time::timeout;

use crate::{
    config::{DirectorySource, SipConfig},
    core::Core,
    driver,
    error::SipError,
    media,
    server::{self, Server},
    usage::Usage,
};

/// How long the last BYEs may wait for their answers when the switch stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// The built-in switch.
pub struct SipSwitch {
    core: Arc<Core>,
    server: Server,
}

impl SipSwitch {
    /// Opens the listeners and begins to serve, in a thread of its own.
    pub async fn start(
        config: SipConfig,
        directory: Arc<dyn DirectorySource>,
        events: EventSink,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, SipError> {
        let (core, server) = server::start(config, directory, events, clock).await?;
        Ok(Arc::new(Self { core, server }))
    }

    /// Where a transport is listened at; `None` if it is not.
    pub fn local_addr(&self, transport: Transport) -> Option<SocketAddr> {
        self.core.network.local_addr(transport)
    }

    /// Where SIP over WebSocket is received: in clear, and over TLS.
    pub fn web_sockets(&self) -> [Option<SocketAddr>; 2] {
        self.core.network.web_sockets()
    }

    /// What is in use now.
    pub fn usage(&self) -> Usage {
        Usage::of(&self.core)
    }
}

#[async_trait]
impl Switch for SipSwitch {
    async fn command(&self, command: CallCommand) -> Result<(), SwitchError> {
        self.core.driver.command(command).await
    }

    fn serves(&self, number: &Number) -> bool {
        self.core.config.features.knows(number.as_str())
    }

    fn registrations(&self, account: AccountId) -> Vec<Registration> {
        self.core.bindings.of_account(account, self.core.clock.monotonic())
    }

    fn registration_count(&self) -> usize {
        self.core.bindings.count(self.core.clock.monotonic())
    }

    fn in_use(&self) -> Vec<(&'static str, usize)> {
        self.usage().parts().to_vec()
    }

    fn datagrams_dropped(&self) -> Option<u64> {
        self.core.network.datagrams_dropped()
    }

    fn refused(&self) -> Vec<(&'static str, u64)> {
        let media = self.core.relay.iter().flat_map(|relay| relay.refused());
        self.core.refused.parts().into_iter().chain(media).collect()
    }

    fn media_packets(&self) -> Vec<(&'static str, u64)> {
        let counts = self.core.relay.as_ref().map(|relay| relay.counts());
        counts.unwrap_or_default().parts().to_vec()
    }

    fn transcoded(&self) -> Vec<Transcoded> {
        let streams = self.core.relay.iter().flat_map(|relay| relay.transcoded());
        let told = |it: media::Transcoded| Transcoded {
            from: it.from.name(),
            to: it.to.name(),
            now: it.now,
            ever: it.ever,
        };
        streams.map(told).collect()
    }

    fn load(&self) -> Load {
        let overload = &self.core.overload;
        Load {
            longest_wait: overload.longest_wait(self.core.clock.monotonic()),
            requests_refused: overload.requests_refused(),
        }
    }

    fn trunks(&self) -> Vec<TrunkState> {
        self.core.trunks.states(self.core.clock.monotonic())
    }

    async fn quality(&self, legs: Vec<LegId>) -> Vec<(LegId, LegQuality)> {
        self.core.driver.quality(legs).await
    }

    async fn stop(&self, grace: Duration) {
        self.core.is_stopping.store(true, Ordering::Relaxed);
        self.core.trunks.stop();
        let driver = &self.core.driver;
        if timeout(grace, driver.idle()).await.is_err() {
            driver.post(driver::Event::Stop);
            driver.idle().await;
        }
        // Dialogs that nobody closes from the other side are not waited for.
        let _ = timeout(FAREWELL, driver.closed()).await;
        tokio::join!(self.core.stack.settle(FAREWELL), self.core.trunks.stopped(FAREWELL));
        self.server.stop().await;
    }
}
