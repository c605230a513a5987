//! A phone that another program is.

use std::{path::Path, process::Stdio, time::Duration};

use call::party::Transport;
use testkit::clients;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::support::{Office, office::secret};

const PATIENCE: Duration = Duration::from_secs(20);

/// Whose SIP a phone speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stack {
    /// pjsip, by its Python module.
    Pjsip,
    /// JsSIP under Node, over a WebSocket.
    JsSip,
    /// baresip, by its control connection.
    #[cfg(feature = "peers")]
    Baresip,
    /// Linphone, by its daemon.
    #[cfg(feature = "peers")]
    Linphone,
    /// Asterisk, by its manager interface.
    #[cfg(feature = "peers")]
    Asterisk,
    /// baresip behind a Kamailio that stays in the way of everything.
    #[cfg(feature = "peers")]
    Kamailio,
}

/// How a phone's media is encrypted, and nothing else is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    Plain,
    /// By keys in its descriptions.
    Sdes,
    /// By a handshake.
    #[cfg(feature = "peers")]
    Dtls,
}

impl Media {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Sdes => "sdes",
            #[cfg(feature = "peers")]
            Self::Dtls => "dtls",
        }
    }
}

/// A phone that is registered.
pub struct Phone {
    _child: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    told: Vec<String>,
}

impl Stack {
    /// Whether its media is media, and not just told of.
    pub fn has_media(self) -> bool {
        matches!(self, Self::Pjsip)
    }

    /// Whether it has a microphone, or what stands for one.
    pub fn speaks(self) -> bool {
        match self {
            Self::Pjsip => true,
            Self::JsSip => false,
            #[cfg(feature = "peers")]
            Self::Baresip | Self::Asterisk | Self::Kamailio => true,
            #[cfg(feature = "peers")]
            Self::Linphone => false,
        }
    }

    /// Whether it can hold by itself.
    pub fn holds(self) -> bool {
        match self {
            Self::Pjsip | Self::JsSip => true,
            #[cfg(feature = "peers")]
            Self::Baresip | Self::Linphone | Self::Kamailio => true,
            #[cfg(feature = "peers")]
            Self::Asterisk => false,
        }
    }

    fn program(self, office: &Office, user: &str, media: Media) -> Command {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sip/interop");
        let media = media.name();
        let server = office.server.to_string();
        let python = |program: &Path, script: &str, more: &[&str]| {
            let mut python = Command::new(program);
            python.arg(here.join(script)).args([&server, user, &secret(user)]).args(more);
            python
        };
        #[cfg(feature = "peers")]
        let system = Path::new("python3");
        match self {
            Self::Pjsip => {
                let own = clients::phones().unwrap().join("python/bin/python");
                python(&own, "pjsua2_phone.py", &[media])
            }
            Self::JsSip => {
                let server = office.switch.local_addr(Transport::Ws).expect("the office takes WebSockets");
                let mut node = Command::new("node");
                node.current_dir(clients::phones().unwrap()).arg(here.join("jssip_phone.mjs"));
                node.args([&format!("ws://{server}"), user, &secret(user)]);
                node
            }
            #[cfg(feature = "peers")]
            Self::Baresip => python(system, "baresip_phone.py", &[media]),
            #[cfg(feature = "peers")]
            Self::Linphone => python(system, "linphone_phone.py", &[media]),
            #[cfg(feature = "peers")]
            Self::Asterisk => python(system, "asterisk_phone.py", &[media]),
            #[cfg(feature = "peers")]
            Self::Kamailio => python(system, "kamailio_phone.py", &[media]),
        }
    }
}

impl Phone {
    /// A phone that is registered.
    pub async fn start(stack: Stack, office: &Office, user: &str) -> Self {
        Self::start_with(stack, office, user, Media::Plain).await
    }

    pub async fn start_with(stack: Stack, office: &Office, user: &str, media: Media) -> Self {
        let mut program = stack.program(office, user, media);
        program.kill_on_drop(true);
        Self::run(program).await
    }

    /// What a program is that takes orders and says that it is registered.
    pub async fn run(mut program: Command) -> Self {
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        // The programs share modules, and are run where they lie.
        program.env("PYTHONDONTWRITEBYTECODE", "1");
        let mut child = program.spawn().unwrap();
        let (orders, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let lines = BufReader::new(output).lines();
        let mut phone = Self { _child: child, orders, lines, told: Vec::new() };
        phone.expect("registered").await;
        phone
    }

    /// Has it do something.
    pub async fn order(&mut self, order: &str) {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.unwrap();
    }

    /// Waits until it tells what begins so, past all else, and gives what follows.
    pub async fn expect(&mut self, start: &str) -> String {
        loop {
            let line = timeout(PATIENCE, self.lines.next_line()).await;
            let Ok(Ok(Some(line))) = line else { panic!("no `{start}` after {:#?}", self.told) };
            self.told.push(line.clone());
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim().to_owned();
            }
            assert!(!line.starts_with("error"), "{line} after {:#?}", self.told);
        }
    }

    /// Whether it has received or sent a text.
    pub async fn has_seen(&mut self, text: &str) -> bool {
        self.order(&format!("seen {text}")).await;
        self.expect("seen").await == "yes"
    }

    /// How many packets of RTP a call of its has received.
    pub async fn received(&mut self, call: usize) -> u32 {
        self.order(&format!("count {call}")).await;
        self.expect(&format!("count {call}")).await.parse().unwrap()
    }

    /// How often it has told what begins so, until now.
    pub async fn count(&mut self, start: &str) -> usize {
        // What it is asked is answered after what it has told.
        self.has_seen("SIP/2.0").await;
        self.told.iter().filter(|line| line.starts_with(start)).count()
    }
}
