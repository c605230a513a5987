//! Handshakes with OpenSSL, whose certificates are those of phones: of ECDSA, and of RSA, short and long.

#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

use std::{
    io::{BufRead, BufReader, Read},
    net::UdpSocket,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use dtls::{Association, Fingerprint, Identity, Keys, Role};
use srtp::Suite;

/// Longer than any handshake takes.
const PATIENCE: Duration = Duration::from_secs(10);

const CURVE: &[&str] = &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
const LONGER_CURVE: &[&str] = &["ec", "-pkeyopt", "ec_paramgen_curve:P-384"];

/// OpenSSL with a certificate of its own, as one side of a handshake.
struct OpenSsl {
    directory: tempfile::TempDir,
    fingerprint: Fingerprint,
}

impl OpenSsl {
    fn new(key: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let make = ["req", "-x509", "-nodes", "-subj", "/CN=phone", "-keyout", "key.pem", "-out", "cert.pem"];
        output(directory.path(), &[&make[..], &["-newkey"], key].concat());
        let print = ["x509", "-in", "cert.pem", "-noout", "-fingerprint", "-sha256"];
        let printed = output(directory.path(), &print);
        let digits = printed.trim().split_once('=').unwrap().1;
        let fingerprint = Fingerprint::parse(&format!("sha-256 {digits}")).unwrap();
        Self { directory, fingerprint }
    }

    /// Begins to talk to a port, or waits at it. Keys of 1,024 bits are what it calls the security level 0.
    fn start(&self, program: &[&str], profile: &str, length: usize, more: &[&str]) -> Child {
        let length = length.to_string();
        let common = ["-dtls1_2", "-cert", "cert.pem", "-key", "key.pem", "-cipher", "DEFAULT@SECLEVEL=0"];
        let export =
            ["-use_srtp", profile, "-keymatexport", "EXTRACTOR-dtls_srtp", "-keymatexportlen", &length];
        let mut command = openssl(self.directory.path(), &[program, &common, &export, more].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    }
}

fn openssl(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.current_dir(directory).args(arguments);
    command
}

fn output(directory: &Path, arguments: &[&str]) -> String {
    let output = openssl(directory, arguments).output().expect("OpenSSL is installed");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What OpenSSL says that it has come to: the keys of both, then the salts of both.
fn exported(child: &mut Child) -> Vec<u8> {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
    let material = lines.filter_map(|line| line.trim().strip_prefix("Keying material: ").map(str::to_owned));
    let digits = { material }.next().expect("OpenSSL has come to keys");
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn material(keys: &Keys, role: Role) -> Vec<u8> {
    let (client, server) = match role {
        Role::Active => (&keys.ours, &keys.theirs),
        Role::Passive => (&keys.theirs, &keys.ours),
    };
    let split = keys.ours.suite().key_length();
    let ((key, salt), (other, other_salt)) =
        (client.key_and_salt().split_at(split), server.key_and_salt().split_at(split));
    [key, other, salt, other_salt].concat()
}

/// Shakes hands over a socket. Without an address whoever comes first is the party.
fn shake(socket: &UdpSocket, mut association: Association) -> Keys {
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let (mut buffer, began_at) = ([0; 4_096], Instant::now());
    let mut party = socket.peer_addr().ok();
    while began_at.elapsed() < PATIENCE {
        let received = socket.recv_from(&mut buffer).ok();
        party = party.or(received.map(|(_, from)| from));
        let send = |packet: &[u8]| {
            socket.send_to(packet, party.unwrap()).ok();
        };
        let keys = match received {
            Some((length, _)) => association.receive(&buffer[..length], Instant::now(), send),
            None => association.go_on(Instant::now(), send),
        };
        if let Some(keys) = keys.unwrap() {
            return keys;
        }
    }
    panic!("the handshake does not end");
}

fn with_client(key: &[&str], profile: &str, suite: Suite, more: &[&str]) {
    let (ours, peer) = (Identity::new().unwrap(), OpenSsl::new(key));
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let mut child = peer.start(&["s_client", "-connect", &address], profile, 2 * suite.length(), more);
    let keys = shake(&socket, Association::new(&ours, Role::Passive, vec![peer.fingerprint.clone()]));
    assert_eq!(keys.ours.suite(), suite);
    assert_eq!(material(&keys, Role::Passive), exported(&mut child));
    end(child);
}

fn with_server(key: &[&str], profile: &str, suite: Suite, more: &[&str]) {
    let (ours, peer) = (Identity::new().unwrap(), OpenSsl::new(key));
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let address = format!("127.0.0.1:{port}");
    let program = ["s_server", "-accept", &address, "-Verify", "1"];
    let mut child = peer.start(&program, profile, 2 * suite.length(), more);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(&address).unwrap();
    let keys = shake(&socket, Association::new(&ours, Role::Active, vec![peer.fingerprint.clone()]));
    assert_eq!(keys.ours.suite(), suite);
    assert_eq!(material(&keys, Role::Active), exported(&mut child));
    end(child);
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
    let mut rest = Vec::new();
    child.stdout.unwrap().read_to_end(&mut rest).unwrap();
}

#[test]
fn clients_may_have_any_certificate() {
    for key in [CURVE, LONGER_CURVE, &["rsa:1024"], &["rsa:2048"], &["rsa:3072"]] {
        with_client(key, "SRTP_AES128_CM_SHA1_80", Suite::AesCm128HmacSha1_80, &[]);
    }
}

#[test]
fn messages_may_come_in_fragments() {
    let profile = ("SRTP_AES128_CM_SHA1_80", Suite::AesCm128HmacSha1_80);
    with_client(&["rsa:2048"], profile.0, profile.1, &["-mtu", "300"]);
    with_server(&["rsa:2048"], profile.0, profile.1, &["-mtu", "300"]);
}

#[test]
fn servers_may_have_any_certificate() {
    for key in [CURVE, LONGER_CURVE, &["rsa:1024"], &["rsa:2048"], &["rsa:3072"]] {
        with_server(key, "SRTP_AES128_CM_SHA1_80", Suite::AesCm128HmacSha1_80, &[]);
    }
}

#[test]
fn servers_may_want_a_cookie() {
    with_server(&["rsa:2048"], "SRTP_AEAD_AES_128_GCM", Suite::AeadAes128Gcm, &["-listen"]);
}

#[test]
fn keys_are_as_long_as_the_profile_says() {
    with_client(CURVE, "SRTP_AEAD_AES_256_GCM", Suite::AeadAes256Gcm, &[]);
    with_server(CURVE, "SRTP_AEAD_AES_256_GCM", Suite::AeadAes256Gcm, &["-cipher", "ECDHE+AES256"]);
    with_server(CURVE, "SRTP_AEAD_AES_128_GCM", Suite::AeadAes128Gcm, &["-cipher", "ECDHE+CHACHA20"]);
}
