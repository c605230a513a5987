//! `trunkline demo`: a server with made-up customers. Phones in this very process register with it over SIP,
//! call one another and a carrier through it, and send sound.

mod cast;
mod env_file;
mod phones;
mod plan;
mod screen;
mod sound;
mod visitor;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use call::{AccountId, party::Transport};
use clap::Args;
use directory::DirectoryFile;

use crate::{
    assembly::Server,
    cli::Signals,
    config::{Config, TokenEntry},
    logging,
};
use cast::Cast;
use phones::{Bank, Caller, Manner};
use plan::Plans;

/// Seconds that a demo phone may ring, so that unanswered calls do not take a minute.
const NO_ANSWER_SECONDS: u64 = 12;
/// How long the demo's calls may go on when it stops.
const GRACE: Duration = Duration::from_secs(1);

/// Options of the demo.
#[derive(Clone, Debug, Args)]
pub struct DemoOptions {
    /// Address of the APIs.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    http: SocketAddr,
    /// Address of SIP, UDP and TCP.
    #[arg(long, default_value = "127.0.0.1:5060", value_name = "ADDRESS")]
    sip: SocketAddr,
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
    let config = configuration(&options, temporary.path().to_owned(), &cast);
    logging::start(&config.log)?;
    let mut signals = Signals::listen()?;
    let server = Server::start(&config, false).await?;
    let stage = Stage::set(&server, cast.clone()).await?;
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

fn configuration(options: &DemoOptions, temporary: PathBuf, cast: &Cast) -> Config {
    let mut config = Config { data_dir: options.data_dir.clone().unwrap_or(temporary), ..Config::default() };
    config.sip.udp = Some(options.sip);
    config.sip.tcp = Some(options.sip);
    config.sip.no_answer_seconds = NO_ANSWER_SECONDS;
    config.media.bind = options.sip.ip();
    config.http.listen = options.http;
    config.vonage.tokens = vec![TokenEntry { token: cast.token.clone(), account: cast::ACCOUNT }];
    config.log.filter = "warn".to_owned();
    config
}

/// The phones and the carrier.
#[derive(Clone)]
struct Stage {
    cast: Arc<Cast>,
    phones: Arc<Bank>,
    carrier: Arc<Bank>,
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
        let visited = visitor::step_aside(
            server.live().clone(),
            phones.clone(),
            cast.clone(),
            AccountId(cast::ACCOUNT),
        );
        tokio::spawn(visited);
        Ok(Self { cast, phones, carrier })
    }

    /// Places `rate` calls a second.
    async fn play(self, rate: f64, seed: u64) {
        if rate == 0.0 {
            return;
        }
        let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
        for plan in Plans::new(seed) {
            ticks.tick().await;
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
