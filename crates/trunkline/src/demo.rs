//! `trunkline demo`: a server with made-up customers. Phones in this very process register with it over SIP,
//! call one another and a carrier through it, and send sound.

mod cast;
mod env_file;
mod phones;
mod plan;
mod screen;
mod sound;
mod visitor;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use call::{AccountId, party::Transport};
use clap::Args;
use directory::DirectoryFile;

use crate::{
    assembly::Server,
    cli::Signals,
    config::{Config, TokenEntry, TokenRole},
    logging,
};
use cast::Cast;
use phones::{Bank, Caller, Manner};
use plan::Plans;

/// Where the demo speaks SIP.
const SIP: &str = "127.0.0.1:5060";
/// Where browsers that are phones connect to it.
const WS: &str = "127.0.0.1:5066";
/// Seconds that a demo phone may ring, so that unanswered calls do not take a minute.
const NO_ANSWER_SECONDS: u64 = 12;
/// How long the demo's calls may go on when it stops.
const GRACE: Duration = Duration::from_secs(1);

/// Options of the demo.
#[derive(Clone, Debug, Args)]
pub struct DemoOptions {
    /// Address of the APIs; 127.0.0.1:8080 unless the environment says another one.
    #[arg(long, value_name = "ADDRESS")]
    http: Option<SocketAddr>,
    /// Address of SIP, UDP and TCP; 127.0.0.1:5060 unless the environment says another one.
    #[arg(long, value_name = "ADDRESS")]
    sip: Option<SocketAddr>,
    /// Folder of what is kept; a temporary one without it.
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Calls that the demo's phones place in a second; 0 = none.
    #[arg(long, default_value_t = 1.0, value_name = "CALLS")]
    rate: f64,
    /// Stop after this many seconds.
    #[arg(long = "for", value_name = "SECONDS")]
    duration: Option<u64>,
    /// Write shell variables here, so that `. FILE` makes the README's commands work.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// The calls that are placed follow from this number.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,
}

/// Runs the demo until it is told to stop or its time is up.
pub async fn run(options: DemoOptions) -> Result<()> {
    ensure!(
        options.rate.is_finite() && options.rate >= 0.0,
        "--rate: found {}, accepted: 0 or more",
        options.rate
    );
    let temporary =
        tempfile::Builder::new().prefix("trunkline-demo-").tempdir().context("no temporary folder")?;
    let cast = Arc::new(Cast::new());
    let mut config = configuration(&options, temporary.path(), std::env::vars())?;
    logging::start(&config.log)?;
    let mut signals = Signals::listen()?;
    let server = Server::start(&config, false).await?;
    let stage = Stage::set(&server, cast.clone()).await?;
    // Whose the token is, is there only now.
    config.vonage.tokens.push(TokenEntry {
        token: cast.token.clone(),
        token_sha256: String::new(),
        account: cast::ACCOUNT,
        role: TokenRole::Manager,
        scopes: Vec::new(),
    });
    server.take_over(&config)?;
    let variables = screen::variables(&server, &cast)?;
    if let Some(path) = &options.env_file {
        env_file::write(path, &variables)?;
    }
    screen::welcome(&variables)?;
    let calls = tokio::spawn(stage.clone().play(options.rate, options.seed));
    let watched = tokio::spawn(screen::watch(server.live().clone()));
    wait(options.duration, &mut signals).await;
    calls.abort();
    watched.abort();
    server.stop(GRACE).await;
    stage.close();
    Ok(())
}

async fn wait(duration: Option<u64>, signals: &mut Signals) {
    let time_is_up = async {
        match duration {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = time_is_up => {}
        () = signals.stop() => {}
    }
}

/// The demo's configuration: what it needs, then variables of the environment, then options that are given.
fn configuration(
    options: &DemoOptions,
    temporary: &Path,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Config> {
    let mut config = Config::parse("the demo's defaults", &defaults(temporary), variables)?;
    if let Some(address) = options.sip {
        (config.sip.udp, config.sip.tcp) = (Some(address), Some(address));
        // The page is told the port.
        config.sip.ws = Some(SocketAddr::new(address.ip(), 0));
        config.media.bind = address.ip();
    }
    config.http.listen = options.http.unwrap_or(config.http.listen);
    config.data_dir = options.data_dir.clone().unwrap_or(config.data_dir);
    Ok(config)
}

/// What the demo has otherwise than a server, as a file would say it.
fn defaults(data_dir: &Path) -> String {
    let data_dir = toml::Value::String(data_dir.display().to_string());
    format!(
        "data_dir = {data_dir}\n[sip]\nudp = \"{SIP}\"\ntcp = \"{SIP}\"\nws = \"{WS}\"\nno_answer_seconds = {NO_ANSWER_SECONDS}\n\
         [media]\nbind = \"127.0.0.1\"\n[log]\nfilter = \"warn\"\n"
    )
}

/// The phones and the carrier.
#[derive(Clone)]
struct Stage {
    cast: Arc<Cast>,
    phones: Arc<Bank>,
    carrier: Arc<Bank>,
    /// Whether the visitor's phone is one of ours: while it is not, nobody is called there, nor calls from there.
    has_all: Arc<AtomicBool>,
}

impl Stage {
    /// Fills the directory and registers the phones.
    async fn set(server: &Server, cast: Arc<Cast>) -> Result<Self> {
        let sip = server.sip(Transport::Udp).context("the demo needs SIP over UDP")?;
        let phones = Bank::open(sip, phone_manner).await?;
        let carrier = Bank::open(sip, carrier_manner).await?;
        let file = DirectoryFile::parse("the demo's directory", &cast.directory(carrier.address()))?;
        server.directory().apply(&file)?;
        phones.start()?;
        carrier.start()?;
        for (_, extension, _) in cast::phones() {
            phones.register(extension, cast.secret_of(extension), true).await?;
        }
        let has_all = Arc::new(AtomicBool::new(true));
        let stage = Self { cast, phones, carrier, has_all };
        tokio::spawn(visitor::step_aside(server.live().clone(), stage.clone(), AccountId(cast::ACCOUNT)));
        Ok(stage)
    }

    /// Places `rate` calls a second.
    async fn play(self, rate: f64, seed: u64) {
        if rate == 0.0 {
            return;
        }
        let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
        for plan in Plans::new(seed) {
            ticks.tick().await;
            if plan.is_of(cast::VISITOR) && !self.has_all.load(Ordering::Relaxed) {
                continue;
            }
            let bank = if plan.caller.is_some() { &self.phones } else { &self.carrier };
            let (bank, caller) = (bank.clone(), self.caller(plan.caller));
            tokio::spawn(async move {
                if let Err(error) = bank.call(caller, plan).await {
                    tracing::warn!(%error, "a demo call could not be placed");
                }
            });
        }
    }

    fn caller(&self, extension: Option<&'static str>) -> Caller {
        match extension {
            Some(user) => Caller {
                user: user.to_owned(),
                number: user.to_owned(),
                secret: Some(self.cast.secret_of(user).to_owned()),
            },
            None => Caller { user: "longline".to_owned(), number: plan::OUTSIDE.to_owned(), secret: None },
        }
    }

    fn close(&self) {
        self.phones.stop();
        self.carrier.stop();
    }
}

fn phone_manner(user: &str) -> Manner {
    match user {
        plan::BUSY => Manner::IsBusy,
        plan::SILENT => Manner::IsSilent,
        _ => Manner::Answers,
    }
}

/// The carrier's numbers tell what they do by the third digit from the end.
fn carrier_manner(number: &str) -> Manner {
    match number.bytes().rev().nth(2) {
        Some(b'2') => Manner::IsBusy,
        Some(b'3') => Manner::IsSilent,
        _ => Manner::Answers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Config> {
        #[derive(clap::Parser)]
        struct Options {
            #[command(flatten)]
            demo: DemoOptions,
        }
        let arguments = ["demo"].iter().chain(arguments);
        let options = <Options as clap::Parser>::parse_from(arguments).demo;
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        configuration(&options, Path::new("/tmp/a \"folder\""), variables)
    }

    #[test]
    fn a_variable_goes_before_what_the_demo_would_have_and_an_option_before_both() {
        let plain = configured(&[], &[]).unwrap();
        assert_eq!(plain.http.listen.port(), 8080);
        assert_eq!((plain.sip.udp.unwrap().port(), plain.sip.no_answer_seconds), (5060, NO_ANSWER_SECONDS));
        assert_eq!(plain.data_dir, Path::new("/tmp/a \"folder\""));
        let variables = [
            ("TRUNKLINE__HTTP__LISTEN", "127.0.0.1:9000"),
            ("TRUNKLINE__SIP__UDP", "127.0.0.1:6000"),
            ("TRUNKLINE__SIP__NO_ANSWER_SECONDS", "7"),
            ("TRUNKLINE__LOG__FILTER", "info"),
            ("TRUNKLINE__VONAGE__WIRE", "strings"),
        ];
        let told = configured(&["--http", "127.0.0.1:9001"], &variables).unwrap();
        assert_eq!((told.http.listen.port(), told.sip.udp.unwrap().port()), (9001, 6000));
        assert_eq!((told.sip.no_answer_seconds, told.log.filter.as_str()), (7, "info"));
        assert_eq!(told.vonage.wire, crate::config::VonageWireName::Strings);
    }

    #[test]
    fn a_variable_that_is_wrong_stops_the_demo_and_is_named() {
        let error = configured(&[], &[("TRUNKLINE__HTTP__LISTEN", "nowhere")]).unwrap_err().to_string();
        assert!(error.contains("TRUNKLINE__HTTP__LISTEN"), "{error}");
    }
}
