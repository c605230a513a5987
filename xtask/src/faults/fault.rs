//! The faults, and what each needs, does and is judged by.

use std::{collections::HashMap, fs, thread::sleep, time::Duration};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use super::{
    asking,
    calls::{Pace, Told, Traffic, flood},
    disk::SmallDisk,
    layouts, memory,
    place::{Place, Preload, now},
    transfers::{self, Phones},
};

/// Calls that are handed over.
const HANDED_OVER: u32 = 120;

/// What is done to the server while calls go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fault {
    /// It is killed.
    Kill,
    /// It is killed in the middle of a write: its log ends in half a page.
    TornLog,
    /// It is told to stop, twice.
    Stop,
    /// The disk takes 2 s for each fsync, then it is killed.
    SlowDisk,
    /// fsync fails; it is told to stop three times.
    FailingDisk,
    /// The disk is full; it is told to stop twice.
    FullDisk,
    /// The disk is full, then there is room again, then it is killed.
    RoomAgain,
    /// The wall clock is set an hour forward, then it is killed.
    Clock,
    /// The wall clock is set an hour back, then it is killed.
    ClockBack,
    /// One record in sixteen cannot be stored; what was put aside is stored after the stop.
    Poison,
    /// One packet in twenty is lost, on both sides and in both directions.
    LostPackets,
    /// Callers and callees vanish without a word.
    VanishedPeers,
    /// There are media ports for twenty calls.
    FewPorts,
    /// A stranger sends 500 INVITEs a second.
    Flood,
    /// The machine stands still for four seconds.
    Stall,
    /// A backup is made, the data are lost, and it is put back.
    Backup,
    /// Programs ask for the live list, the chart and exports without a pause, at twenty seconds' worth of live calls.
    Asked,
    /// Calls are handed over by the API.
    Transfers,
    /// A hundred thousand short calls.
    Memory,
    /// The data are opened as if a later release had written them, and as an earlier one has.
    Layouts,
}

/// What a fault happens on.
pub struct Stage {
    pub place: Place,
    pub traffic: Traffic,
    pub disk: Option<SmallDisk>,
    pub full: Duration,
    pub pace: Pace,
}

/// How it ended.
pub struct End {
    /// When the server was ended, in seconds of the day.
    pub at: f64,
    /// Only calls that had ended by then are judged.
    pub judged_until: f64,
    /// Calls that had been acknowledged before they were on disk shortly before.
    pub before_commit: u64,
    /// For what set-up times are told: from when until when, in seconds of the day.
    pub stretches: Vec<(&'static str, f64, f64)>,
}

impl Fault {
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill -9",
            Self::TornLog => "kill -9, torn write",
            Self::Stop => "SIGTERM twice",
            Self::SlowDisk => "fsync takes 2 s, kill -9",
            Self::FailingDisk => "fsync fails, SIGTERM thrice",
            Self::FullDisk => "disk full, SIGTERM twice",
            Self::RoomAgain => "disk full, room again, kill -9",
            Self::Clock => "clock set by +1 h, kill -9",
            Self::ClockBack => "clock set by -1 h, kill -9",
            Self::Poison => "poisoned records, put aside and replayed",
            Self::LostPackets => "5 % of the packets lost (lengths not judged)",
            Self::VanishedPeers => "peers vanish (lengths not judged)",
            Self::FewPorts => "media ports used up",
            Self::Flood => "500 INVITEs/s of a stranger",
            Self::Stall => "machine stands still for 4 s (lengths not judged)",
            Self::Backup => "backup put back (calls that had ended before it)",
            Self::Asked => "live list, chart and exports asked for without a pause",
            Self::Transfers => "blind transfers: extension, number, busy, hang-up midway",
            Self::Memory => "100,000 short calls",
            Self::Layouts => "data of a later layout and of an earlier one",
        }
    }

    pub fn preload(self) -> Preload {
        match self {
            Self::Clock | Self::ClockBack => Preload::Clock,
            Self::SlowDisk | Self::FailingDisk => Preload::Disk,
            _ => Preload::Nothing,
        }
    }

    pub fn needs_small_disk(self) -> bool {
        matches!(self, Self::FullDisk | Self::RoomAgain)
    }

    /// Which calls are made; `rate` of them a second, mostly.
    pub fn pace(self, rate: u32) -> Pace {
        let usual = Pace::usual(rate);
        match self {
            Self::Asked => Pace { length: Duration::from_secs(20), ..usual },
            Self::Transfers => {
                Pace { rate: 10, calls: HANDED_OVER, number: "12125550100", is_moved: true, ..usual }
            }
            Self::Memory => {
                Pace { rate: rate * 5, calls: memory::FIRST, length: Duration::from_millis(100), ..usual }
            }
            _ => usual,
        }
    }

    /// Of a hundred packets, so many are lost.
    pub fn packets_lost(self) -> Option<u32> {
        (self == Self::LostPackets).then_some(5)
    }

    /// Whether what callers saw tells how long their calls were.
    pub fn judges_lengths(self) -> bool {
        !matches!(self, Self::LostPackets | Self::VanishedPeers | Self::Stall)
    }

    /// What the configuration has beside the usual.
    pub fn configuration(self, budget_ms: u32) -> String {
        let usual = format!(
            "[stop]\ngrace_seconds = 5\n[history]\nmin_free_mb = 0\nanswer_budget_ms = {budget_ms}\n\
             [vonage]\ntokens = [{{ token = \"{}\", account = 1 }}]\n",
            transfers::TOKEN
        );
        match self {
            Self::FewPorts => {
                let anchored = "[media]\nmode = \"anchored\"\nbind = \"127.0.0.1\"\nfirst_port = 41000\nlast_port = 41079";
                crate::bench::DIRECTORY_CONFIG
                    .replace("[media]\nmode = \"direct\"\nbind = \"127.0.0.1\"", anchored)
                    + &usual
            }
            Self::VanishedPeers => {
                crate::bench::DIRECTORY_CONFIG.replace("[media]\n", "[media]\nsilence_timeout_seconds = 20\n")
                    + &usual
            }
            _ => crate::bench::DIRECTORY_CONFIG.to_owned() + &usual,
        }
    }

    /// Before the calls begin.
    pub fn prepare(self, place: &mut Place) -> Result<()> {
        if self == Self::Poison {
            place.start()?;
            place.stop(1)?;
            place.sql(
                "CREATE TRIGGER poison BEFORE INSERT ON calls WHEN hex(new.call_id) LIKE '%7'
                 BEGIN SELECT RAISE(ABORT, 'poison'); END",
            )?;
        }
        Ok(())
    }

    /// Once the server runs, and before the calls begin: the phones that are needed.
    pub fn phones(self, place: &Place) -> Result<Option<Phones>> {
        (self == Self::Transfers).then(|| Phones::register(place)).transpose()
    }

    /// Does it.
    pub fn act(self, stage: &mut Stage) -> Result<End> {
        let Stage { place, traffic, disk, full, pace } = stage;
        let before_commit = || -> Result<u64> { place.metric("trunkline_answers_before_commit_total") };
        let mut end = End {
            at: 0.0,
            judged_until: f64::INFINITY,
            before_commit: before_commit()?,
            stretches: Vec::new(),
        };
        match self {
            Self::Kill => {}
            Self::SlowDisk => {
                place.disk("2000")?;
                sleep(Duration::from_secs(6));
            }
            Self::FailingDisk => {
                place.disk("fail")?;
                sleep(Duration::from_secs(6));
            }
            Self::FullDisk | Self::RoomAgain => {
                disk.as_ref().context("it was mounted for this")?.fill()?;
                sleep(*full);
            }
            Self::Clock | Self::ClockBack => {
                place.clock(if self == Self::Clock { "+1h" } else { "-1h" })?;
                sleep(Duration::from_secs(4));
            }
            Self::Flood => flood(place, 500, Duration::from_secs(6))?,
            Self::Stall => {
                place.signal("STOP")?;
                sleep(Duration::from_secs(4));
                place.signal("CONT")?;
                sleep(Duration::from_secs(6));
            }
            Self::VanishedPeers => {
                traffic.vanish();
                place.wait_until_idle(Duration::from_secs(100))?;
            }
            Self::Backup => {
                sleep(Duration::from_secs(4));
                end.judged_until = now();
                place.back_up()?;
            }
            Self::Asked => end.stretches = ask(place, pace)?,
            Self::Transfers => transfers::make(place, traffic, pace.calls)?,
            Self::Memory => memory::compare(place, traffic, pace)?,
            Self::Stop
            | Self::TornLog
            | Self::Poison
            | Self::LostPackets
            | Self::FewPorts
            | Self::Layouts => {
                sleep(Duration::from_secs(4));
            }
        }
        if self == Self::RoomAgain {
            disk.as_ref().context("it was mounted for this")?.free()?;
            sleep(Duration::from_secs(5));
        }
        end.before_commit = place.metric("trunkline_answers_before_commit_total")?.max(end.before_commit);
        end.at = self.end(place)?;
        if self == Self::FullDisk {
            disk.as_ref().context("it was mounted for this")?.free()?;
        }
        Ok(end)
    }

    fn end(self, place: &mut Place) -> Result<f64> {
        match self {
            Self::Stop | Self::FullDisk => place.stop(2),
            Self::FailingDisk => place.stop(3),
            Self::Poison | Self::LostPackets | Self::VanishedPeers | Self::FewPorts => place.stop(1),
            Self::Flood | Self::Stall => place.stop(1),
            Self::Transfers | Self::Memory | Self::Layouts => place.stop(1),
            Self::Kill | Self::TornLog | Self::SlowDisk | Self::RoomAgain => place.kill(),
            Self::Clock | Self::ClockBack | Self::Backup | Self::Asked => place.kill(),
        }
    }

    /// What an operator does before the next start.
    pub fn mend(self, place: &mut Place) -> Result<()> {
        match self {
            Self::TornLog => {
                let path = place.data().join("history.db-wal");
                let mut log = fs::read(&path)?;
                // As much as a write has brought to the disk: a frame's head, and half of its page.
                log.extend_from_within(32..32 + 24 + 2_048);
                Ok(fs::write(path, log)?)
            }
            Self::Poison => {
                place.sql("DROP TRIGGER poison")?;
                let aside = place.tell(&["quarantine", "list"])?;
                ensure!(!aside.is_empty(), "nothing was put aside");
                for line in aside.lines() {
                    place.tell(&["quarantine", "replay", line.split('\t').next().unwrap_or_default()])?;
                }
                Ok(())
            }
            Self::Backup => place.restore(),
            Self::Layouts => layouts::change(place),
            _ => Ok(()),
        }
    }

    /// The calls that are judged.
    pub fn judged(self, told: HashMap<String, Told>, end: &End) -> HashMap<String, Told> {
        let until = |told: &Told| {
            end.judged_until.is_infinite() || told.ended.is_some_and(|at| at < end.judged_until)
        };
        told.into_iter().filter(|(_, told)| until(told)).collect()
    }
}

/// Lets the calls of one length come together, then asks for as long as it does not.
fn ask(place: &Place, pace: &Pace) -> Result<Vec<(&'static str, f64, f64)>> {
    const TIME: Duration = Duration::from_secs(10);
    sleep(pace.length + Duration::from_secs(2));
    let began = now();
    sleep(TIME);
    let quiet = now();
    let live = place.metric("trunkline_calls_active")?;
    let busy = now();
    let [lists, charts, exports] = asking::ask(place, TIME)?;
    println!("{live} live calls; {lists} lists, {charts} charts and {exports} exports in {TIME:?}");
    Ok(vec![("nobody asks", began, quiet), ("asked without a pause", busy, now())])
}
