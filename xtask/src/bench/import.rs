//! A dump of another switch's call records taken over into an empty store.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::{server, store};

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Calls in the dump, spread over 30 days that are over.
    #[arg(long, default_value_t = 1_000_000)]
    calls: u64,
    /// How often it is taken over, each time into an empty store.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// A program to measure instead of this one.
    #[arg(long)]
    program: Option<PathBuf>,
}

const ACCOUNTS: u64 = 200;

const HEADER: &str = "id,customer_acc_id,vendor_acc_id,time_start,time_connect,time_end,success,src_name_in,src_prefix_in,\
    dst_prefix_in,src_prefix_routing,dst_prefix_routing,destination_prefix,destination_initial_interval,\
    destination_initial_rate,destination_next_interval,destination_next_rate,destination_fee,customer_acc_vat,\
    dialpeer_prefix,dialpeer_initial_interval,dialpeer_initial_rate,dialpeer_next_interval,dialpeer_next_rate,\
    dialpeer_fee,is_last_cdr,lega_disconnect_code,lega_disconnect_reason,disconnect_initiator_id,auth_orig_ip,\
    auth_orig_port,orig_call_id";

/// Measures and prints a table.
pub fn run(options: &Options) -> Result<()> {
    let program = options.program.clone().map_or_else(server::build, Ok)?;
    let folder = tempfile::tempdir()?;
    let dump = folder.path().join("cdr.csv");
    write_dump(&dump, options.calls)?;
    let dump_bytes = fs::metadata(&dump)?.len();
    println!(
        "{} calls of {ACCOUNTS} accounts over 30 days, a dump of {:.0} MB\n",
        options.calls,
        dump_bytes as f64 / 1e6
    );
    println!("| run | seconds | calls/s | again, calls/s | bytes a call |\n| --- | --- | --- | --- | --- |");
    for run in 1..=options.runs {
        let data = folder.path().join(format!("data-{run}"));
        let first = import(&program, folder.path(), &data, &dump)?;
        let again = import(&program, folder.path(), &data, &dump)?;
        let speed = |length: Duration| options.calls as f64 / length.as_secs_f64();
        let bytes = size_of(&data)? / options.calls;
        println!(
            "| {run} | {:.1} | {:.0} | {:.0} | {bytes} |",
            first.as_secs_f64(),
            speed(first),
            speed(again)
        );
        fs::remove_dir_all(&data)?;
    }
    Ok(())
}

fn write_dump(path: &Path, calls: u64) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "{HEADER}")?;
    let month = SignedDuration::from_hours(30 * 24);
    let first = Timestamp::now() - SignedDuration::from_hours(24) - month;
    for call in 0..calls {
        let start = first
            + month.checked_div(i32::try_from(calls).unwrap_or(i32::MAX)).unwrap_or_default()
                * i32::try_from(call).unwrap_or(0);
        let length = i64::try_from(call * 7_919 % 600)?;
        let (connect, end) =
            (start + SignedDuration::from_secs(5), start + SignedDuration::from_secs(5 + length));
        let (is_answered, connect) =
            if call % 3 == 0 { ("f", String::new()) } else { ("t", connect.to_string()) };
        let (code, reason) = if call % 3 == 0 { (486, "Busy Here") } else { (200, "Bye") };
        let customer = 1 + call * 31 % (ACCOUNTS * 9 / 10);
        let vendor = 1 + ACCOUNTS * 9 / 10 + call % (ACCOUNTS / 10);
        writeln!(
            out,
            "{call},{customer},{vendor},{start},{connect},{end},{is_answered},Ada,4930{:07},1415{:07},4930{:07},1415{:07},\
             1415,60,0.6,60,0.3,0.01,20,1415,1,0.2,1,0.2,0,t,{code},{reason},3,192.0.2.10,5060,{call:x}@pbx.example",
            call % 9_999_991,
            call % 9_999_973,
            call % 9_999_991,
            call % 9_999_973,
        )?;
    }
    Ok(out.flush()?)
}

fn import(program: &Path, folder: &Path, data: &Path, dump: &Path) -> Result<Duration> {
    let (config, directory) = (folder.join("trunkline.toml"), folder.join("directory.toml"));
    fs::write(&config, format!("data_dir = \"{}\"\n", data.display()))?;
    fs::write(&directory, store::directory(u32::try_from(ACCOUNTS)?)?)?;
    let with_config =
        |command: &mut Command| command.arg("--config").arg(&config).stdout(Stdio::null()).status();
    let applied = with_config(Command::new(program).args(["directory", "apply"]).arg(&directory))?;
    ensure!(applied.success(), "the benchmark's directory was refused");
    let began = Instant::now();
    let imported = with_config(Command::new(program).args(["import", "--format", "yeti"]).arg(dump))?;
    ensure!(imported.success(), "the dump was not taken over");
    Ok(began.elapsed())
}

fn size_of(path: &Path) -> Result<u64> {
    if !path.is_dir() {
        return Ok(path.metadata()?.len());
    }
    let mut sum = 0;
    for entry in fs::read_dir(path)? {
        sum += size_of(&entry?.path())?;
    }
    Ok(sum)
}
