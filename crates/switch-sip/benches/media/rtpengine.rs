//! Calls over rtpengine, told what to do by its `ng` protocol.

use std::{
    fs::File,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use dtls::{Fingerprint, Identity, Keys, Role, Suite};
use rand::random;
use serde_json::{Value, json};
use srtp::MasterKey;

use super::{
    Relay, Result,
    phone::{Phone, Way},
    usage::Usage,
};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Longer than it takes to start, and to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The process, which ends when dropped.
pub struct Rtpengine {
    process: Child,
    control: UdpSocket,
    identity: Identity,
    asked: u32,
    calls: u32,
}

/// A phone before it has keys, and its own one.
struct Party {
    phone: Phone,
    way: Way,
    key: [u8; 30],
}

impl Rtpengine {
    pub fn start() -> Result<Self> {
        let port = UdpSocket::bind((LOCAL, 0))?.local_addr()?.port();
        let log = File::create(std::env::temp_dir().join("rtpengine.log"))?;
        let process = Command::new("rtpengine")
            .args(["--config-file=none", "--foreground", "--log-stderr", "--table=-1", "--log-level=3"])
            .args(["--interface=127.0.0.1", "--port-min=30000", "--port-max=49999"])
            .arg(format!("--listen-ng=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("rtpengine (Debian: rtpengine-daemon): {error}"))?;
        let control = UdpSocket::bind((LOCAL, 0))?;
        control.connect((LOCAL, port))?;
        control.set_read_timeout(Some(PATIENCE))?;
        let mut engine = Self { process, control, identity: Identity::new()?, asked: 0, calls: 0 };
        let until = Instant::now() + PATIENCE;
        // What nobody listens to is answered by the system at once.
        while engine.ask(json!({"command": "ping"})).is_err() {
            if Instant::now() > until {
                return Err("rtpengine does not answer".into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(engine)
    }

    fn ask(&mut self, question: Value) -> Result<Value> {
        self.asked += 1;
        let cookie = format!("{} ", self.asked);
        self.control.send(format!("{cookie}{question}").as_bytes())?;
        let mut answer = vec![0; 65_536];
        let length = self.control.recv(&mut answer)?;
        let text = answer[..length].strip_prefix(cookie.as_bytes()).ok_or("another answer")?;
        let answer: Value = serde_json::from_slice(text)?;
        match answer["result"].as_str() {
            Some("ok" | "pong") => Ok(answer),
            _ => Err(format!("rtpengine: {answer}").into()),
        }
    }

    /// What rtpengine makes of a description.
    fn pass(&mut self, command: &str, party: &Party, to: Way) -> Result<String> {
        let (sdp, transport) = (party.sdp(&self.identity, command)?, transport(to));
        let mut question = json!({
            "command": command, "call-id": format!("call{}", self.calls), "from-tag": "caller", "sdp": sdp,
            "ICE": "remove", "rtcp-mux": if to == Way::Dtls { ["require"] } else { ["demux"] },
        });
        match command {
            "answer" => question["to-tag"] = json!("callee"),
            _ => question["transport-protocol"] = json!(transport),
        }
        let answer = self.ask(question)?;
        Ok(answer["sdp"].as_str().ok_or("no description")?.to_owned())
    }

    /// Takes what a phone is told of the relay.
    fn meet(&self, party: &mut Party, sdp: &str) -> Result<()> {
        let port = value(sdp, "m=audio ").and_then(|line| line.split(' ').next()).ok_or("no audio")?;
        party.phone.meet(SocketAddr::new(LOCAL, port.parse()?));
        match party.way {
            Way::Plain => Ok(()),
            Way::Sdes => {
                let inline = sdp.split("inline:").nth(1).ok_or("no key")?;
                let theirs = inline.split(['|', '\r', ' ']).next().ok_or("no key")?;
                let theirs = key(&BASE64_STANDARD.decode(theirs)?)?;
                party.phone.secure(&Keys { ours: key(&party.key)?, theirs });
                Ok(())
            }
            Way::Dtls => {
                let fingerprint = value(sdp, "a=fingerprint:").and_then(Fingerprint::parse);
                let role = if sdp.contains("a=setup:active") { Role::Passive } else { Role::Active };
                party.phone.shake(&self.identity, role, vec![fingerprint.ok_or("no fingerprint")?])
            }
        }
    }
}

impl Relay for Rtpengine {
    fn connect(&mut self, ways: [Way; 2]) -> Result<[Phone; 2]> {
        self.calls += 1;
        let [mut caller, mut callee] = [Party::new(ways[0])?, Party::new(ways[1])?];
        let offer = self.pass("offer", &caller, callee.way)?;
        let answer = self.pass("answer", &callee, caller.way)?;
        self.meet(&mut callee, &offer)?;
        self.meet(&mut caller, &answer)?;
        Ok([caller.phone, callee.phone])
    }

    fn usage(&self) -> Result<Usage> {
        Usage::of_process(self.process.id())
    }
}

impl Drop for Rtpengine {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Party {
    fn new(way: Way) -> Result<Self> {
        Ok(Self { phone: Phone::new()?, way, key: random() })
    }

    fn sdp(&self, identity: &Identity, command: &str) -> Result<String> {
        let (port, transport) = (self.phone.port()?, transport(self.way));
        let setup = if command == "offer" { "actpass" } else { "active" };
        let security = match self.way {
            Way::Plain => String::new(),
            Way::Sdes => {
                let key = BASE64_STANDARD.encode(self.key);
                format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key}\r\n")
            }
            Way::Dtls => {
                format!("a=rtcp-mux\r\na=setup:{setup}\r\na=fingerprint:{}\r\n", identity.fingerprint())
            }
        };
        Ok(format!(
            "v=0\r\no=- 1 1 IN IP4 {LOCAL}\r\ns=-\r\nc=IN IP4 {LOCAL}\r\nt=0 0\r\n\
             m=audio {port} {transport} 0\r\na=rtpmap:0 PCMU/8000\r\n{security}"
        ))
    }
}

const fn transport(way: Way) -> &'static str {
    match way {
        Way::Plain => "RTP/AVP",
        Way::Sdes => "RTP/SAVP",
        Way::Dtls => "UDP/TLS/RTP/SAVP",
    }
}

fn key(bytes: &[u8]) -> Result<MasterKey> {
    let suite = Suite::AesCm128HmacSha1_80;
    MasterKey::new(suite, bytes).ok_or_else(|| "the key has another length".into())
}

fn value<'a>(sdp: &'a str, name: &str) -> Option<&'a str> {
    sdp.lines().find_map(|line| line.strip_prefix(name))
}
