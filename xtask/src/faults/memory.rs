//! What a server holds once its calls are over: no more after a hundred thousand than after the first ten thousand.

use std::{thread::sleep, time::Duration};

use anyhow::{Result, ensure};

use super::{
    calls::{Pace, Traffic},
    place::Place,
};

/// Calls after which it is looked at first.
pub const FIRST: u32 = 10_000;
const THEN: u32 = 90_000;
/// For so long what a call has sent may have to be repeated (RFC 3261, 17.1.1.2, timer D), and something more.
const REST: Duration = Duration::from_secs(40);
/// Of the memory held before, so many hundredths may be held afterwards: pages of the database are kept.
const MEMORY: u64 = 150;
/// So many more files and tasks may be there.
const MORE: u64 = 16;

/// What a server holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    megabytes: u64,
    files: u64,
    tasks: u64,
}

/// Lets the first calls end, makes the others, and compares.
pub fn compare(place: &Place, traffic: &mut Traffic, first: &Pace) -> Result<()> {
    traffic.finish()?;
    let before = Held::at_rest(place)?;
    traffic.call(place, &Pace { calls: THEN, ..*first }, None)?;
    traffic.finish()?;
    let after = Held::at_rest(place)?;
    println!("after {FIRST} calls {before:?}, after {} {after:?}", FIRST + THEN);
    let is_near = after.megabytes * 100 <= before.megabytes * MEMORY
        && after.files <= before.files + MORE
        && after.tasks <= before.tasks + MORE;
    ensure!(is_near, "it holds what it should not");
    Ok(())
}

impl Held {
    fn at_rest(place: &Place) -> Result<Self> {
        place.wait_until_idle(Duration::from_secs(120))?;
        sleep(REST);
        Ok(Self {
            megabytes: place.metric("process_resident_memory_bytes")? >> 20,
            files: place.metric("process_open_fds")?,
            tasks: place.metric("tokio_alive_tasks")?,
        })
    }
}
