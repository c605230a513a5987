//! A user agent on plain datagrams: a phone, or a trunk's far end.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tokio::{net::UdpSocket, time::timeout};

use super::{
    digest::Challenge,
    line::Line,
    message::{Message, tail},
};

/// Longer than anything takes that is waited for.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n";

static COUNTER: AtomicU32 = AtomicU32::new(1);

fn unique(prefix: &str) -> String {
    format!("{prefix}{}x{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// A user agent.
pub struct Agent {
    line: Line,
    address: SocketAddr,
    server: SocketAddr,
    pub user: String,
    pub secret: String,
    seen: std::sync::Mutex<Vec<String>>,
}

/// A dialog, or one that is being made, as its agent sees it.
#[derive(Clone, Debug)]
pub struct Dialog {
    pub call_id: String,
    pub local: String,
    pub remote: String,
    pub target: String,
    pub cseq: u32,
    /// The INVITE, as it was sent or received.
    pub invite: String,
    pub branch: String,
}

impl Agent {
    pub async fn new(server: SocketAddr, user: &str, secret: &str) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), server, user, secret).await
    }

    /// An agent at an address of its own.
    pub async fn at(address: SocketAddr, server: SocketAddr, user: &str, secret: &str) -> Self {
        let socket = UdpSocket::bind(address).await.unwrap();
        let address = socket.local_addr().unwrap();
        Self::on(Line::Datagrams { socket, server }, (address, server), user, secret)
    }

    /// An agent at the first address on a line to the second.
    pub fn on(line: Line, (address, server): (SocketAddr, SocketAddr), user: &str, secret: &str) -> Self {
        let (user, secret) = (user.into(), secret.into());
        Self { line, address, server, user, secret, seen: Default::default() }
    }

    /// The same agent with another switch: on datagrams.
    pub fn toward(self, server: SocketAddr) -> Self {
        let line = match self.line {
            Line::Datagrams { socket, .. } => Line::Datagrams { socket, server },
            line => line,
        };
        Self { line, server, ..self }
    }

    pub fn server(&self) -> SocketAddr {
        self.server
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its Contact; that of a WebSocket leads nowhere (RFC 7118 section 5).
    pub fn contact(&self) -> String {
        match &self.line {
            Line::WebSocket { .. } => format!("<sip:{}@x7q2.invalid;transport=ws>", self.user),
            line => format!("<sip:{}@{}{}>", self.user, self.address(), line.names().1),
        }
    }

    pub async fn send(&self, text: &str) {
        self.send_bytes(text.as_bytes()).await;
    }

    pub async fn send_bytes(&self, bytes: &[u8]) {
        self.line.send(bytes).await;
    }

    /// The next message that is neither a 100 nor a repeat.
    pub async fn receive(&self) -> Message {
        timeout(PATIENCE, self.next_new()).await.expect("a message comes")
    }

    /// Whether nothing new comes for a while.
    pub async fn hears_nothing_for(&self, length: Duration) -> bool {
        timeout(length, self.next_new()).await.is_err()
    }

    async fn next_new(&self) -> Message {
        loop {
            let message = self.next().await;
            let key = format!("{} {} {}", message.start, message.header("Via"), message.header("CSeq"));
            let mut seen = self.seen.lock().unwrap();
            let is_new = !seen.contains(&key);
            if is_new && message.status() != 100 {
                seen.push(key);
                return message;
            }
        }
    }

    /// The bytes of the next message; `None` when the switch has closed the connection.
    pub async fn next_bytes(&self) -> Option<Vec<u8>> {
        timeout(PATIENCE, self.line.receive()).await.expect("something comes")
    }

    /// The next message, whatever it is.
    pub async fn next(&self) -> Message {
        let bytes = timeout(PATIENCE, self.line.receive()).await.expect("a message comes");
        Message::parse(&bytes.expect("the switch keeps the connection"))
    }

    pub async fn expect_status(&self, status: u16) -> Message {
        let message = self.receive().await;
        assert_eq!(message.status(), status, "{message:#?}");
        message
    }

    /// The next response with this status, past others.
    pub async fn next_with_status(&self, status: u16) -> Message {
        loop {
            let message = self.receive().await;
            if message.status() == status {
                return message;
            }
        }
    }

    pub async fn expect(&self, method: &str) -> Message {
        let message = self.receive().await;
        assert_eq!(message.method(), method, "{message:#?}");
        message
    }

    fn via(&self, branch: &str) -> String {
        format!("Via: SIP/2.0/{} {};rport;branch={branch}", self.line.names().0, self.address())
    }

    /// A request outside any dialog, as text.
    pub fn outside(&self, method: &str, uri: &str, cseq: u32, more: &[String], body: &str) -> String {
        let (call_id, tag) = (unique("c"), unique("t"));
        let from = format!("<sip:{}@test>;tag={tag}", self.user);
        self.request(
            method,
            uri,
            (&from, &format!("<{uri}>")),
            &call_id,
            cseq,
            &unique("z9hG4bK"),
            more,
            body,
        )
    }

    #[allow(clippy::too_many_arguments)]
    fn request(
        &self,
        method: &str,
        uri: &str,
        (from, to): (&str, &str),
        call_id: &str,
        cseq: u32,
        branch: &str,
        more: &[String],
        body: &str,
    ) -> String {
        format!(
            "{method} {uri} SIP/2.0\r\n{}\r\nMax-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\nUser-Agent: Test/1 ({})\r\n{}",
            self.via(branch),
            self.user,
            tail(more, body)
        )
    }

    /// A REGISTER of some contacts, as text.
    pub fn registering(&self, call_id: &str, cseq: u32, more: &[String]) -> String {
        let (uri, who) = ("sip:test", format!("<sip:{}@test>", self.user));
        let from = format!("{who};tag={}", unique("t"));
        self.request("REGISTER", uri, (&from, &who), call_id, cseq, &unique("z9hG4bK"), more, "")
    }

    /// Registers its own contact.
    pub async fn register(&self) -> Message {
        self.register_with(&unique("r"), &[format!("Contact: {}", self.contact()), "Expires: 300".into()])
            .await
    }

    /// Registers what `headers` say; answers the challenge.
    pub async fn register_with(&self, call_id: &str, headers: &[String]) -> Message {
        self.send(&self.registering(call_id, 1, headers)).await;
        let challenge = Challenge::of(&self.expect_status(401).await);
        let who = (&*self.user, &*self.secret);
        let answer = challenge.answer("Authorization", who, "REGISTER", "sip:test", 1);
        self.send(&self.registering(call_id, 2, &[headers, &[answer]].concat())).await;
        self.receive().await
    }

    /// Calls a number: answers the challenge, and stands before the first response to the call.
    pub async fn call(&self, number: &str, body: &str) -> Dialog {
        self.call_with(number, &[], body).await
    }

    /// The same, with more headers in the INVITE.
    pub async fn call_with(&self, number: &str, more: &[&str], body: &str) -> Dialog {
        let more: Vec<_> = more.iter().map(|line| (*line).to_owned()).collect();
        let mut dialog = self.dial(number, &more, body).await;
        let challenge = self.expect_status(407).await;
        self.acknowledge_failure(&dialog, &challenge).await;
        let uri = dialog.target.clone();
        let who = (&*self.user, &*self.secret);
        let answer = Challenge::of(&challenge).answer("Proxy-Authorization", who, "INVITE", &uri, 1);
        self.redial(&mut dialog, &[&more[..], &[answer]].concat(), body).await;
        dialog
    }

    /// Calls until a call is refused without a challenge: the switch may need a moment to know that it
    /// takes none.
    pub async fn call_refused_at_once(&self, number: &str) -> Message {
        loop {
            let dialog = self.dial(number, &[], SDP).await;
            let refusal = self.receive().await;
            self.acknowledge_failure(&dialog, &refusal).await;
            if refusal.status() != 407 {
                return refusal;
            }
        }
    }

    /// Sends an INVITE without credentials.
    pub async fn dial(&self, number: &str, more: &[String], body: &str) -> Dialog {
        let uri = format!("sip:{number}@{}", self.server);
        let mut dialog = Dialog {
            call_id: unique("c"),
            local: format!("\"Test\" <sip:{}@test>;tag={}", self.user, unique("t")),
            remote: format!("<{uri}>"),
            target: uri,
            cseq: 0,
            invite: String::new(),
            branch: String::new(),
        };
        self.redial(&mut dialog, more, body).await;
        dialog
    }

    /// Sends the INVITE of `dialog` once more, as a new one.
    pub async fn redial(&self, dialog: &mut Dialog, more: &[String], body: &str) {
        dialog.cseq += 1;
        dialog.branch = unique("z9hG4bK");
        let more = [&[format!("Contact: {}", self.contact())], more].concat();
        dialog.invite = self.request(
            "INVITE",
            &dialog.target,
            (&dialog.local, &dialog.remote),
            &dialog.call_id,
            dialog.cseq,
            &dialog.branch,
            &more,
            body,
        );
        self.send(&dialog.invite).await;
    }

    pub async fn acknowledge_failure(&self, dialog: &Dialog, response: &Message) {
        let to = response.header("To").to_owned();
        let ends = (&*dialog.local, &*to);
        let ack =
            self.request("ACK", &dialog.target, ends, &dialog.call_id, dialog.cseq, &dialog.branch, &[], "");
        self.send(&ack).await;
    }

    /// Expects the INVITE to be refused so, and acknowledges it.
    pub async fn expect_refusal(&self, dialog: &Dialog, status: u16) -> Message {
        let response = self.expect_status(status).await;
        self.acknowledge_failure(dialog, &response).await;
        response
    }

    pub async fn cancel(&self, dialog: &Dialog) {
        self.cancel_with(dialog, &[]).await;
    }

    /// The same, with more headers.
    pub async fn cancel_with(&self, dialog: &Dialog, more: &[String]) {
        let ends = (&*dialog.local, &*dialog.remote);
        let cancel = self.request(
            "CANCEL",
            &dialog.target,
            ends,
            &dialog.call_id,
            dialog.cseq,
            &dialog.branch,
            more,
            "",
        );
        self.send(&cancel).await;
    }

    /// Expects the INVITE to be answered, and acknowledges that.
    pub async fn expect_answer(&self, dialog: &mut Dialog) -> Message {
        let answer = self.expect_status(200).await;
        self.take_answer(dialog, &answer).await;
        answer
    }

    /// Takes the answer to the latest INVITE, and acknowledges it.
    pub async fn take_answer(&self, dialog: &mut Dialog, answer: &Message) {
        assert_eq!(answer.cseq(), (dialog.cseq, "INVITE"));
        dialog.remote = answer.header("To").to_owned();
        dialog.target = answer.uri_of("Contact").to_owned();
        self.acknowledge(dialog, "").await;
    }

    /// Acknowledges the 2xx of the latest INVITE.
    pub async fn acknowledge(&self, dialog: &Dialog, body: &str) {
        let ends = (&*dialog.local, &*dialog.remote);
        let branch = unique("z9hG4bK");
        let ack = self.request("ACK", &dialog.target, ends, &dialog.call_id, dialog.cseq, &branch, &[], body);
        self.send(&ack).await;
    }

    /// Sends a request inside a dialog.
    pub async fn within(&self, dialog: &mut Dialog, method: &str, more: &[String], body: &str) {
        dialog.cseq += 1;
        let ends = (&*dialog.local, &*dialog.remote);
        let branch = unique("z9hG4bK");
        let more = [&[format!("Contact: {}", self.contact())], more].concat();
        let text =
            self.request(method, &dialog.target, ends, &dialog.call_id, dialog.cseq, &branch, &more, body);
        self.send(&text).await;
    }

    /// Hangs up, and is told that this was taken.
    pub async fn hang_up(&self, dialog: &mut Dialog) {
        self.within(dialog, "BYE", &[], "").await;
        let response = self.expect_status(200).await;
        assert_eq!(response.cseq().1, "BYE");
    }

    /// Answers a request.
    pub async fn reply(&self, request: &Message, status: &str, body: &str) {
        self.reply_with(request, status, &[], body).await;
    }

    /// Answers a request with more headers.
    pub async fn reply_with(&self, request: &Message, status: &str, more: &[&str], body: &str) {
        let own = [format!("Contact: {}", self.contact()), format!("Server: Test/1 ({})", self.user)];
        let more: Vec<_> = own.into_iter().chain(more.iter().map(|line| (*line).to_owned())).collect();
        self.send(&request.response(status, &self.tag(), &more, body)).await;
    }

    fn tag(&self) -> String {
        format!("a{}", self.address().port())
    }

    /// Refuses an INVITE, and is told that this was heard.
    pub async fn refuse(&self, invite: &Message, status: &str) {
        self.reply(invite, status, "").await;
        self.expect("ACK").await;
    }

    /// Answers an INVITE, and is told that this was heard.
    pub async fn answer(&self, invite: &Message) -> Dialog {
        self.reply(invite, "200 OK", SDP).await;
        self.expect("ACK").await;
        self.dialog_of(invite)
    }

    /// The dialog of an INVITE that this agent has answered.
    pub fn dialog_of(&self, invite: &Message) -> Dialog {
        Dialog {
            call_id: invite.header("Call-ID").into(),
            local: format!("{};tag={}", invite.header("To"), self.tag()),
            remote: invite.header("From").into(),
            target: invite.uri_of("Contact").into(),
            cseq: 0,
            invite: String::new(),
            branch: String::new(),
        }
    }

    /// Expects to be hung up on.
    pub async fn expect_bye(&self) {
        let bye = self.expect("BYE").await;
        self.reply(&bye, "200 OK", "").await;
    }
}
