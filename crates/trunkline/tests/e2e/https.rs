//! The APIs over https, asked by curl: the certificate, its renewal, HTTP/2, cookies and the commands that ask the server.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;

use crate::{
    directory,
    harness::{Process, Setup, free_port},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_trunkline");

/// A server that speaks https, and the files of its certificate.
struct Secured {
    setup: Setup,
    server: Process,
    folder: TempDir,
}

impl Secured {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certify(folder.path(), Duration::ZERO);
        let setup = Setup::new(&directory::text(free_port(), free_port()), &[]);
        let text = fs::read_to_string(setup.config()).unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let tls =
            format!("[http]\ntls_certificate = {:?}\ntls_key = {:?}\n", path("cert.pem"), path("key.pem"));
        assert_eq!(text.matches("[http]\n").count(), 1);
        fs::write(setup.config(), text.replace("[http]\n", &tls)).unwrap();
        let server = setup.start();
        Self { setup, server, folder }
    }

    /// What curl shows of an answer, head and body, if it trusts the certificate in `trusted`.
    fn curl(&self, trusted: &Path, arguments: &[&str], path: &str) -> Result<String, String> {
        let port = self.server.http.port();
        let url = format!("https://localhost:{port}{path}");
        let to = format!("localhost:{port}:{}", self.server.http.ip());
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-i", "--max-time", "60", "--resolve", &to, "--cacert"]).arg(trusted);
        let output = curl.args(arguments).arg(url).output().unwrap();
        match output.status.success() {
            true => Ok(String::from_utf8(output.stdout).unwrap()),
            false => Err(String::from_utf8(output.stderr).unwrap()),
        }
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }
}

/// Makes a certificate for this machine, written so much after the one before.
fn certify(folder: &Path, later: Duration) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    for (name, text) in [("cert.pem", cert.pem()), ("key.pem", signing_key.serialize_pem())] {
        let path = folder.join(name);
        let before = path.metadata().and_then(|metadata| metadata.modified());
        fs::write(&path, text).unwrap();
        if let Ok(before) = before {
            File::options().write(true).open(&path).unwrap().set_modified(before + later).unwrap();
        }
    }
}

#[test]
fn https_is_spoken_by_http_1_and_2_and_browsers_are_told_to_stay_with_it() {
    let secured = Secured::start();
    for (version, line) in [("--http1.1", "HTTP/1.1 200"), ("--http2", "HTTP/2 200")] {
        let answer = secured.curl(&secured.certificate(), &[version], "/readyz").unwrap();
        assert!(answer.starts_with(line), "{answer}");
        let told = answer.to_ascii_lowercase();
        assert!(told.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");
        assert!(answer.ends_with("ok\n"), "{answer}");
    }
    let plain = format!("http://{}/readyz", secured.server.http);
    let asked = Command::new("curl").args(["-sS", "--max-time", "60"]).arg(plain).output().unwrap();
    assert!(!asked.status.success(), "nothing is said in the clear");
}

#[test]
fn a_session_s_cookie_stays_on_https() {
    let secured = Secured::start();
    let login = format!(
        r#"{{"auth":{{"login":"{}","password":"{}","cookie_auth":true}}}}"#,
        directory::LOGIN,
        directory::PASSWORD
    );
    let arguments = ["-H", "content-type: application/json", "-d", &login];
    let answer = secured.curl(&secured.certificate(), &arguments, "/api/rest/customer/v1/auth").unwrap();
    let cookie = answer.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie:"));
    assert!(cookie.is_some_and(|cookie| cookie.contains("; secure")), "{answer}");
}

#[test]
fn a_renewed_certificate_is_shown_without_a_restart() {
    let secured = Secured::start();
    let first = secured.folder.path().join("first.pem");
    fs::copy(secured.certificate(), &first).unwrap();
    assert!(secured.curl(&first, &[], "/readyz").is_ok());
    certify(secured.folder.path(), Duration::from_secs(1));
    assert!(secured.curl(&secured.certificate(), &[], "/readyz").is_ok());
    assert!(secured.curl(&first, &[], "/readyz").is_err(), "the first one is shown no more");
}

#[test]
fn the_commands_that_ask_the_server_find_it_by_its_own_certificate() {
    let secured = Secured::start();
    // The configuration names port 0.
    let text = fs::read_to_string(secured.setup.config()).unwrap();
    let listen = format!("listen = \"{}\"", secured.server.http);
    let text = text.lines().map(|line| if line.starts_with("listen = ") { &listen } else { line });
    let config = secured.folder.path().join("asked.toml");
    fs::write(&config, text.collect::<Vec<_>>().join("\n")).unwrap();
    let output = Command::new(PROGRAM).args(["health", "--config"]).arg(&config).output().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "ok\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
