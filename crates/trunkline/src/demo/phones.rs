//! The demo's phones: real SIP user agents on one UDP socket. A bank of them registers, calls and answers.

mod answering;
mod calling;
mod conversation;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use anyhow::{Context, Result, anyhow};
use rsipstack::{
    EndpointBuilder,
    dialog::{DialogId, authenticate::Credential, dialog_layer::DialogLayer, registration::Registration},
    sip::{HostWithPort, Method, StatusCode, Uri},
    transaction::{Endpoint, TransactionReceiver, endpoint::EndpointOption, transaction::Transaction},
    transport::{SipAddr, TransportLayer, udp::UdpConnection},
};
use tokio_util::sync::CancellationToken;

pub use calling::Caller;

/// Where the phones live.
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// The host in the Call-IDs of demo phones.
const CALL_ID_HOST: &str = "demo.invalid";
/// How long a registration of a demo phone lasts, in seconds.
const EXPIRES: u32 = 3_600;

/// What a phone does when it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Rings a little, answers, and hangs up after half a minute if the caller does not.
    Answers,
    /// 486.
    IsBusy,
    /// Rings for ever.
    IsSilent,
}

/// Phones that share a socket.
pub struct Bank {
    endpoint: Endpoint,
    dialogs: Arc<DialogLayer>,
    address: SocketAddr,
    server: SocketAddr,
    manner: fn(&str) -> Manner,
    stop: CancellationToken,
}

impl Bank {
    /// Opens the socket. `manner` says what the phone of a user part does when it is called.
    pub async fn open(server: SocketAddr, manner: fn(&str) -> Manner) -> Result<Arc<Self>> {
        let stop = CancellationToken::new();
        let socket =
            UdpConnection::create_connection(SocketAddr::new(LOOPBACK, 0), None, Some(stop.child_token()));
        let socket = socket.await.map_err(|error| anyhow!("no UDP socket for the demo's phones: {error}"))?;
        let transports = TransportLayer::new(stop.clone());
        transports.add_transport(socket.into());
        let mut builder = EndpointBuilder::new();
        builder
            .with_cancel_token(stop.clone())
            .with_transport_layer(transports)
            .with_user_agent("Trunkline demo phone")
            .with_option(EndpointOption {
                callid_suffix: Some(CALL_ID_HOST.to_owned()),
                ..EndpointOption::default()
            });
        let endpoint = builder.build();
        let bound = endpoint.get_addrs().into_iter().next().context("the demo's phones have no address")?;
        let address = bound.get_socketaddr().map_err(|error| anyhow!("{error}"))?;
        let dialogs = Arc::new(DialogLayer::new(endpoint.inner.clone()));
        Ok(Arc::new(Self { endpoint, dialogs, address, server, manner, stop }))
    }

    /// Where the phones are.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets the phones work until the bank is stopped.
    pub fn start(self: &Arc<Self>) -> Result<()> {
        let incoming = self.endpoint.incoming_transactions().map_err(|error| anyhow!("{error}"))?;
        let endpoint = self.endpoint.inner.clone();
        tokio::spawn(async move { endpoint.serve().await });
        tokio::spawn(self.clone().take_requests(incoming));
        Ok(())
    }

    /// Ends it all.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Registers a phone, or takes its registration back.
    pub async fn register(&self, user: &str, secret: &str, register: bool) -> Result<()> {
        let credential = self.credential(user, secret);
        let mut registration = Registration::new(self.endpoint.inner.clone(), Some(credential));
        registration.contact = Some(rsipstack::sip::typed::Contact {
            display_name: None,
            uri: self.uri(user, self.address)?,
            params: Vec::new(),
        });
        let expires = if register { EXPIRES } else { 0 };
        let server = self.plain_uri(self.server)?;
        let answer =
            registration.register(server, Some(expires)).await.map_err(|error| anyhow!("{error}"))?;
        anyhow::ensure!(
            answer.status_code == StatusCode::OK,
            "a demo phone got {} to REGISTER",
            answer.status_code
        );
        Ok(())
    }

    fn credential(&self, user: &str, secret: &str) -> Credential {
        Credential {
            username: user.to_owned(),
            password: secret.to_owned(),
            realm: None,
            auth_username: None,
        }
    }

    fn uri(&self, user: &str, at: SocketAddr) -> Result<Uri> {
        let text = format!("sip:{user}@{at}");
        Uri::try_from(text.as_str()).map_err(|error| anyhow!("{error}"))
    }

    fn plain_uri(&self, at: SocketAddr) -> Result<Uri> {
        Uri::try_from(format!("sip:{at}").as_str()).map_err(|error| anyhow!("{error}"))
    }

    fn server_address(&self) -> SipAddr {
        SipAddr::new(rsipstack::sip::Transport::Udp, HostWithPort::from(self.server))
    }

    async fn take_requests(self: Arc<Self>, mut incoming: TransactionReceiver) {
        while let Some(request) = incoming.recv().await {
            tokio::spawn(self.clone().take_request(request));
        }
    }

    async fn take_request(self: Arc<Self>, mut request: Transaction) {
        let is_new = DialogId::try_from(&request).is_ok_and(|id| id.local_tag.is_empty());
        let taken = match (self.dialogs.match_dialog(&request), &request.original.method) {
            (Some(mut dialog), _) => dialog.handle(&mut request).await,
            (None, Method::Invite) if is_new => self.be_called(request).await,
            (None, Method::Ack) => Ok(()),
            (None, Method::Options) => request.reply(StatusCode::OK).await,
            (None, _) => request.reply(StatusCode::CallTransactionDoesNotExist).await,
        };
        if let Err(error) = taken {
            tracing::debug!(%error, "a demo phone could not answer a request");
        }
    }
}
