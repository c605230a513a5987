//! A phone in a browser, as a program that takes a line for each thing to do, and prints one for each that happens.

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::json;
use testkit::clients;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::{Instant, timeout_at},
};

use super::office::Office;
use crate::directory::{PASSWORD, SECRET};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(40);

/// Whose phone it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The page that the server has itself.
    Page,
    JsSip,
    SipJs,
}

/// A phone that is registered. Ended when dropped.
pub struct Browser {
    _child: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    told: Vec<String>,
}

impl Browser {
    /// A browser whose microphone hears a tone.
    pub async fn start(kind: Kind, office: &Office, user: &str, tone: u32) -> Self {
        let (kind, socket) = match kind {
            Kind::Page => ("page", office.ws),
            Kind::JsSip => ("jssip", office.wss),
            Kind::SipJs => ("sipjs", office.wss),
        };
        let settings = json!({
            "kind": kind, "socket": socket, "url": format!("http://{}", office.scene.server.http),
            "clients": clients::folder().unwrap(), "phones": clients::phones().unwrap(), "tone": office.tone(tone),
            "user": user, "secret": SECRET, "login": user, "password": PASSWORD,
        });
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/browser/driver.mjs");
        let mut node = Command::new("node");
        node.arg(driver).arg(settings.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Where the browser keeps what it leaves behind.
        node.env("TMPDIR", office.folder());
        let mut child = node.kill_on_drop(true).spawn().unwrap();
        let (orders, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut phone =
            Self { _child: child, orders, lines: BufReader::new(output).lines(), told: Vec::new() };
        phone.expect("registered").await;
        phone
    }

    /// Has it do something.
    pub async fn order(&mut self, order: &str) {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.unwrap();
    }

    /// Waits until it tells what begins so, past all else, and gives what follows.
    pub async fn expect(&mut self, start: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let line = timeout_at(until, self.lines.next_line()).await;
            let Ok(Ok(Some(line))) = line else { panic!("no `{start}` after {:#?}", self.told) };
            self.told.push(line.clone());
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim().to_owned();
            }
            assert!(!line.starts_with("error"), "{line} after {:#?}", self.told);
        }
    }

    /// Waits until it hears a tone; 0 is silence. How long after its latest news that is.
    pub async fn hears(&mut self, hertz: u32) -> Duration {
        self.order(&format!("hear {hertz}")).await;
        let millis = self.expect(&format!("hears {hertz} ")).await;
        Duration::from_millis(millis.parse().unwrap())
    }
}
