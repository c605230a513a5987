//! The switch as the rest of the server sees it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ::switch::{Clock, EventSink, Registration, Switch, SwitchError};
use async_trait::async_trait;
use call::{AccountId, CallCommand, CallId, party::Transport};
use rsipstack::{
    EndpointBuilder,
    transaction::endpoint::{Endpoint, EndpointOption},
    transport::{SipAddr, TransportLayer, transport_layer::DomainResolver},
};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::{
    calls::Calls,
    config::{DirectorySource, MediaMode, SipConfig},
    core::Core,
    digest::Authenticator,
    dispatch,
    error::SipError,
    media::MediaRelay,
    message::build::PRODUCT,
    registrar::Bindings,
    session::{self, Input, Order},
    stack::Stack,
    transport::{Intake, Network},
};

/// How long the last BYEs may wait for their answers when the switch stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// The built-in switch.
pub struct SipSwitch {
    core: Arc<Core>,
    stop: CancellationToken,
}

impl SipSwitch {
    /// Opens the listeners and begins to serve. Runs in tasks of the current tokio runtime.
    pub async fn start(
        config: SipConfig,
        directory: Arc<dyn DirectorySource>,
        events: EventSink,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, SipError> {
        let stop = CancellationToken::new();
        let network = Network::open(&config, &stop).await?;
        let relay = match &config.media {
            MediaMode::Anchored(config) => Some(MediaRelay::new(config.clone())?),
            MediaMode::Direct => None,
        };
        let endpoint = endpoint(&stop);
        let incoming = endpoint.incoming_transactions().expect("the endpoint is new");
        let core = Arc::new(Core {
            authenticator: Authenticator::new(config.nonce_lifetime),
            directory,
            events,
            clock,
            stack: Stack::new(endpoint.inner),
            network,
            relay,
            bindings: Bindings::default(),
            dialogs: Arc::default(),
            calls: Calls::default(),
            is_stopping: AtomicBool::new(false),
            config,
        });
        let switch = Self { core, stop };
        switch.serve(incoming);
        Ok(Arc::new(switch))
    }

    fn serve(&self, incoming: rsipstack::transaction::TransactionReceiver) {
        let stack = &self.core.stack;
        let timers = stack.endpoint.clone();
        self.spawn(async move { timers.process_timer().await });
        self.spawn(dispatch::run(self.core.clone(), incoming));
        let intake = Arc::new(Intake::new(stack.endpoint.clone(), self.core.dialogs.clone()));
        self.core.network.serve(&intake, &stack.tasks, &self.stop);
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        tokio::spawn(async move {
            stop.run_until_cancelled_owned(work).await;
        });
    }

    /// Where a transport is listened at; `None` if it is not.
    pub fn local_addr(&self, transport: Transport) -> Option<SocketAddr> {
        self.core.network.local_addr(transport)
    }

    /// Has an order carried out. A call that ends before it takes the order drops it.
    async fn order(&self, call: CallId, order: Order) -> Result<(), SwitchError> {
        let mailbox = self.core.calls.get(call).ok_or(SwitchError::NotFound)?;
        let (taken, is_taken) = oneshot::channel();
        mailbox.post(Input::Order { order, taken });
        if is_taken.await.unwrap_or(false) { Ok(()) } else { Err(SwitchError::NotFound) }
    }
}

fn endpoint(stop: &CancellationToken) -> Endpoint {
    let transport = TransportLayer::new_with_domain_resolver(stop.child_token(), Box::new(NoNames));
    // The ACK of a 2xx is ours to send: it may carry an answer, and goes where our dialog says.
    let option = EndpointOption { auto_ack_2xx: false, ..EndpointOption::default() };
    EndpointBuilder::new()
        .with_user_agent(PRODUCT)
        .with_transport_layer(transport)
        .with_cancel_token(stop.child_token())
        .with_option(option)
        .build()
}

/// Names are resolved before the stack is asked to send anything; a name that a peer writes into a message
/// must not make the stack wait for a name server.
struct NoNames;

#[async_trait]
impl DomainResolver for NoNames {
    async fn resolve(&self, target: &SipAddr) -> rsipstack::Result<SipAddr> {
        Err(rsipstack::Error::DnsResolutionError(target.addr.host.to_string()))
    }
}

#[async_trait]
impl Switch for SipSwitch {
    async fn command(&self, command: CallCommand) -> Result<(), SwitchError> {
        match command {
            CallCommand::Originate(originate) => session::originate::begin(&self.core, originate),
            CallCommand::HangupCall { call_id } => self.order(call_id, Order::Hangup).await,
            CallCommand::HangupLeg { call_id, leg_id } => self.order(call_id, Order::HangupLeg(leg_id)).await,
        }
    }

    fn registrations(&self, account: AccountId) -> Vec<Registration> {
        self.core.bindings.of_account(account, self.core.clock.monotonic())
    }

    fn registration_count(&self) -> usize {
        self.core.bindings.count(self.core.clock.monotonic())
    }

    async fn stop(&self, grace: Duration) {
        self.core.is_stopping.store(true, Ordering::Relaxed);
        let calls = &self.core.calls;
        if tokio::time::timeout(grace, calls.idle()).await.is_err() {
            for call in calls.all() {
                call.post(Input::Order { order: Order::Stop, taken: oneshot::channel().0 });
            }
            calls.idle().await;
        }
        self.core.stack.settle(FAREWELL).await;
        self.stop.cancel();
    }
}

/// Whoever drops the switch wants its sockets back.
impl Drop for SipSwitch {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
