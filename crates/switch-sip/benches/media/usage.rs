//! What a relay uses, as Linux tells it.

use std::{fs, time::Duration};

use super::Result;

/// What has been used.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Of the processor.
    pub time: Duration,
    /// Resident, in bytes.
    pub memory: u64,
}

impl Usage {
    /// That of the threads of this process that have this name, and the memory of all of it.
    pub fn of_threads(name: &str) -> Result<Self> {
        Self::read("/proc/self", |comm| comm == name)
    }

    /// That of another process.
    pub fn of_process(id: u32) -> Result<Self> {
        Self::read(&format!("/proc/{id}"), |_| true)
    }

    fn read(process: &str, counts: impl Fn(&str) -> bool) -> Result<Self> {
        let mut time = Duration::ZERO;
        for task in fs::read_dir(format!("{process}/task"))? {
            let task = task?.path();
            if counts(fs::read_to_string(task.join("comm"))?.trim_end()) {
                let times = fs::read_to_string(task.join("schedstat"))?;
                let spent = times.split(' ').next().ok_or("no time")?;
                time += Duration::from_nanos(spent.parse()?);
            }
        }
        let status = fs::read_to_string(format!("{process}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.strip_suffix("kB"));
        let memory = resident.ok_or("no memory")?.trim().parse::<u64>()? * 1_024;
        Ok(Self { time, memory })
    }
}
