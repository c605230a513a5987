//! An office whose phones may be browsers: everybody has a user, and SIP is spoken over WebSocket, with TLS and without.

use std::{fs, net::SocketAddr, path::Path};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use testkit::{
    baresip::{Answering, Baresip, Setup as PhoneSetup},
    heard::tone,
};

use crate::{
    directory::{self, CUSTOMER, PASSWORD, SECRET},
    harness::{Setup, free_port},
    scene::Scene,
};

/// How long the microphone's tone is before it begins again.
const TONE_SECONDS: u32 = 60;

/// The office.
pub struct Office {
    pub scene: Scene,
    pub ws: SocketAddr,
    pub wss: SocketAddr,
    folder: TempDir,
}

impl Office {
    /// Opens it.
    pub fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certify(folder.path());
        let [ws, wss] = [free_port(), free_port()].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let (first_trunk, second_trunk) = (free_port(), free_port());
        let users: String = ["1001", "1002", "1003"].map(user).concat();
        let setup = Setup::new(&(directory::text(first_trunk, second_trunk) + &users), &[]);
        let path = |name: &str| folder.path().join(name).display().to_string();
        let more = format!(
            "[sip]\nws = \"{ws}\"\nwss = \"{wss}\"\ntls_certificate = {:?}\ntls_key = {:?}\n",
            path("cert.pem"),
            path("key.pem")
        );
        let text = fs::read_to_string(setup.config()).unwrap();
        let text =
            text.replacen("[sip]\n", &more, 1).replace("no_answer_seconds = 3", "no_answer_seconds = 30");
        fs::write(setup.config(), text).unwrap();
        let server = setup.start();
        Self { scene: Scene { setup, server, first_trunk, second_trunk }, ws, wss, folder }
    }

    /// A plain phone that sends a tone.
    pub async fn plain(&self, user: &str, tone: u32, answering: Answering) -> Baresip {
        let server = self.scene.server.sip;
        Baresip::start(PhoneSetup { server, user, secret: SECRET, tone, answering }).await.unwrap()
    }

    /// A folder that is removed with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A file with a tone, for a microphone.
    pub fn tone(&self, hertz: u32) -> String {
        let path = self.folder.path().join(format!("{hertz}.wav"));
        fs::write(&path, tone(hertz, TONE_SECONDS).unwrap()).unwrap();
        path.display().to_string()
    }
}

fn certify(folder: &Path) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
}

/// The user of an extension, who is called by its number.
fn user(extension: &str) -> String {
    format!(
        r#"
[[users]]
customer = "{CUSTOMER}"
login = "{extension}"
password = "{PASSWORD}"
name = "User of {extension}"
role = "client"
extension = {{ account = 1234, number = "{extension}" }}
"#
    )
}
