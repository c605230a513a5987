//! From a command of the API to SIP on the wire: how long until a phone gets the INVITE of a call that is
//! placed, and its CANCEL once the call is ended.

mod phone;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::server::Server;
use phone::{Message, Phone};

const TOKEN: &str = "bench-token";
const SECRET: &str = "bench-secret";

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// How many calls are placed and ended, one after the other.
    #[arg(long, default_value_t = 500)]
    calls: usize,
    /// How often all of it is repeated.
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

/// Measures and prints a table.
pub fn run(options: &Options) -> Result<()> {
    println!(
        "POST and DELETE of one call after the other, a registered phone on UDP, every event journalled\n"
    );
    println!("| from | to | median ms | p99 ms |\n| --- | --- | --- | --- |");
    for _ in 0..options.runs {
        let folder = tempfile::tempdir()?;
        let server = Server::start(folder.path(), &directory(), &config())?;
        let (mut placed, mut ended) = measure(&server, options.calls)?;
        println!("| POST calls | INVITE | {} |", figures(&mut placed));
        println!("| DELETE call | CANCEL | {} |", figures(&mut ended));
    }
    Ok(())
}

fn measure(server: &Server, calls: usize) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let phone = Phone::register(server.sip, "1001", SECRET)?;
    let mut client = Client::connect(server.http)?;
    let (mut placed, mut ended) = (Vec::new(), Vec::new());
    let wanted = r#"{"type":"click2dial","from":{"type":"extension","destination":"1001"},"to":{"type":"extension","destination":"1002"}}"#;
    for _ in 0..calls {
        let began = Instant::now();
        client.send("POST", "/cc/accounts/1/calls", wanted)?;
        let invite = phone.expect("INVITE")?;
        placed.push(began.elapsed());
        let call_id = client.answer()?;
        phone.answer(&invite, "180 Ringing")?;
        let began = Instant::now();
        client.send("DELETE", &format!("/cc/accounts/1/calls/{}", call_id.trim_matches('"')), "")?;
        let cancel = phone.expect("CANCEL")?;
        ended.push(began.elapsed());
        finish(&phone, &invite, &cancel)?;
        client.answer()?;
    }
    Ok((placed, ended))
}

fn finish(phone: &Phone, invite: &Message, cancel: &Message) -> Result<()> {
    phone.answer(cancel, "200 OK")?;
    phone.answer(invite, "487 Request Terminated")?;
    phone.expect("ACK").map(drop)
}

fn figures(times: &mut [Duration]) -> String {
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    format!("{:.2} | {:.2}", at(50).as_secs_f64() * 1_000.0, at(99).as_secs_f64() * 1_000.0)
}

/// An HTTP client that keeps its connection.
struct Client {
    stream: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Client {
    fn connect(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        Ok(Self { answers: BufReader::new(stream.try_clone()?), stream })
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Result<()> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Ok(self.stream.write_all(request.as_bytes())?)
    }

    /// The body of the next answer, which must be a 200.
    fn answer(&mut self) -> Result<String> {
        let (mut status, mut length) = (String::new(), 0);
        self.answers.read_line(&mut status)?;
        loop {
            let mut line = String::new();
            self.answers.read_line(&mut line)?;
            match line.split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().context("no length of an answer")?;
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.answers.read_exact(&mut body)?;
        let body = String::from_utf8(body)?;
        ensure!(status.starts_with("HTTP/1.1 200"), "the server answered {} {body}", status.trim());
        Ok(body)
    }
}

fn config() -> String {
    format!(
        "[sip]\nudp = \"127.0.0.1:0\"\ntcp = \"\"\n[media]\nbind = \"127.0.0.1\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
         [vonage]\ntokens = [{{ token = \"{TOKEN}\", account = 1 }}]\n[log]\nfilter = \"warn\"\n"
    )
}

fn directory() -> String {
    let phone = |extension: u32| {
        format!(
            "[[devices]]\naccount = 1\nsip_user = \"{extension}\"\nmac = \"02-00-00-00-00-{:02X}\"\n\
             secret = \"{SECRET}\"\n[[extensions]]\naccount = 1\nnumber = \"{extension}\"\n\
             devices = [\"{extension}\"]\n",
            extension % 100
        )
    };
    format!(
        "realm = \"trunkline\"\n[[customers]]\nname = \"Bench\"\n[[accounts]]\nid = 1\ncustomer = \"Bench\"\n\
         name = \"Bench\"\n{}{}",
        phone(1001),
        phone(1002)
    )
}
