//! A phone system at the trunk of an office.

use std::{path::Path, time::Duration};

use directory::model::{Trunk, TrunkIdentity};
use switch_sip::SipConfig;
use tokio::process::Command;

use crate::{
    interop::phone::Phone,
    support::{
        Agent, Message, Office,
        agent::{Dialog, PATIENCE, SDP},
        talk::sdp_of_b,
    },
};

/// What stands at the trunk.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// An Asterisk.
    Alone,
    /// A Kamailio, and an Asterisk behind it.
    BehindProxy,
}

/// An office with phones `a` and `b`, and a phone system at its trunk.
pub struct System {
    pub office: Office,
    pub a: Agent,
    pub b: Agent,
    pub peer: Phone,
}

impl System {
    /// With these options of Asterisk's endpoint.
    pub async fn start(kind: Kind, options: &[&str]) -> Self {
        Self::with(kind, options, |_| {}, |_| {}).await
    }

    pub async fn with(
        kind: Kind,
        options: &[&str],
        configure: impl FnOnce(&mut SipConfig),
        change: impl FnOnce(&mut Trunk),
    ) -> Self {
        let office = Office::with(configure).await;
        let (a, b) = (office.registered("a").await, office.registered("b").await);
        // Of an agent that has left, so that the port is nobody's.
        let port = office.trunk(1).await.address().port();
        office.change(|entries| change(&mut entries.trunks[0]));
        let mut program = Command::new("python3");
        program.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sip/interop/phone_system.py"));
        let name = match kind {
            Kind::Alone => "asterisk",
            Kind::BehindProxy => "kamailio",
        };
        program.args([office.server.to_string(), port.to_string(), name.to_owned()]).args(options);
        Self { office, a, b, peer: Phone::run(program).await }
    }

    /// A call of `a` to the number that ends so, answered.
    pub async fn talk(&self, number: &str) -> Dialog {
        let mut call = self.a.call(&format!("+14155550{number}"), SDP).await;
        take_answer(&self.a, &mut call).await;
        call
    }

    /// Waits until the system has sent or received a text.
    pub async fn has_seen(&mut self, text: &str) {
        let seen = async {
            while !self.peer.has_seen(text).await {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(PATIENCE, seen).await.expect(text);
    }

    /// Nothing that was said has displeased the proxy.
    pub async fn finish(mut self) {
        self.peer.order("complaints").await;
        assert_eq!(self.peer.expect("complaints").await, "");
    }
}

/// A call of `a` through the system and back to `b`: what one side does, the system does to the other.
pub struct Through {
    pub system: System,
    pub at_a: Dialog,
    pub at_b: Dialog,
}

impl Through {
    pub async fn begin(kind: Kind, options: &[&str]) -> Self {
        let system = System::start(kind, options).await;
        let mut at_a = system.a.call("+14155550607", SDP).await;
        let invite = system.b.expect("INVITE").await;
        system.b.reply(&invite, "200 OK", &sdp_of_b()).await;
        system.b.expect("ACK").await;
        take_answer(&system.a, &mut at_a).await;
        let at_b = system.b.dialog_of(&invite);
        Self { system, at_a, at_b }
    }

    pub async fn finish(mut self) {
        self.system.a.hang_up(&mut self.at_a).await;
        self.system.b.expect_bye().await;
        self.system.finish().await;
    }
}

/// The answer to an INVITE, past what comes before it; it is acknowledged.
pub async fn take_answer(agent: &Agent, call: &mut Dialog) -> Message {
    let answer = agent.next_with_status(200).await;
    assert_eq!(answer.cseq(), (call.cseq, "INVITE"));
    (call.remote, call.target) = (answer.header("To").to_owned(), answer.uri_of("Contact").to_owned());
    agent.acknowledge(call, "").await;
    answer
}

/// The direction of the next offer to a phone, which agrees.
pub async fn next_direction(agent: &Agent) -> String {
    let invite = agent.expect("INVITE").await;
    let direction = direction(&invite.body);
    agent.reply(&invite, "200 OK", &SDP.replace("sendrecv", opposite(&direction))).await;
    agent.expect("ACK").await;
    direction
}

fn direction(sdp: &str) -> String {
    let known = |line: &&str| ["sendrecv", "sendonly", "recvonly", "inactive"].contains(line);
    let said = sdp.lines().filter_map(|line| line.strip_prefix("a=")).find(known);
    said.unwrap_or("sendrecv").to_owned()
}

fn opposite(direction: &str) -> &str {
    match direction {
        "sendonly" => "recvonly",
        "recvonly" => "sendonly",
        same => same,
    }
}

/// A trunk that tells and is told callers so.
pub fn trusted(identity: TrunkIdentity) -> impl FnOnce(&mut Trunk) {
    move |trunk| trunk.identity = identity
}
