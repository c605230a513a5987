//! A PostgreSQL that runs in a folder for one measurement.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

/// The columns of the export, as Yeti's database has them.
const TABLE: &str =
    "CREATE TABLE cdrs (time_start timestamptz, time_connect timestamptz, time_end timestamptz,
    success boolean, duration integer, src_name_in text, src_prefix_in text, dst_prefix_in text,
    from_domain text, to_domain text, ruri_domain text, lega_disconnect_code integer,
    lega_disconnect_reason text, auth_orig_ip inet, auth_orig_port integer, src_prefix_routing text,
    dst_prefix_routing text, destination_prefix text, destination_initial_interval integer,
    destination_next_interval integer, destination_initial_rate numeric, destination_next_rate numeric,
    destination_fee numeric, customer_price numeric, customer_duration integer, orig_call_id text,
    local_tag text, lega_user_agent text, diversion_in text)";

/// A running server with the rows of an export. Ended when dropped.
pub struct Postgres {
    child: Child,
    folder: PathBuf,
    programs: PathBuf,
}

/// One `\\copy`, and what it took.
pub struct Copy {
    pub length: Duration,
    pub bytes: u64,
}

impl Postgres {
    /// Starts it in `parent`, not as root, and loads the rows of an export.
    pub fn start(parent: &Path, rows: &Path) -> Result<Self> {
        let folder = parent.join("postgres");
        let programs = programs()?;
        fs::create_dir(&folder)?;
        ensure!(run(Command::new("chmod").arg("a+rx").arg(parent))?, "the folder cannot be opened to others");
        ensure!(run(Command::new("chown").arg("nobody").arg(&folder))?, "the folder cannot be given away");
        let data = folder.join("data");
        let mut initdb = as_nobody(&programs.join("initdb"));
        initdb.args(["--auth=trust", "--username=bench", "--encoding=UTF8", "--locale=C"]).arg(&data);
        ensure!(run(initdb.stdout(Stdio::null()))?, "initdb failed");
        let mut server = as_nobody(&programs.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(&folder).args(["-h", "", "-c", "shared_buffers=1GB"]);
        server.args(["-c", "work_mem=256MB", "-c", "max_wal_size=4GB", "-c", "timezone=UTC"]);
        let child = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let postgres = Self { child, folder, programs };
        postgres.wait()?;
        postgres.load(rows)?;
        Ok(postgres)
    }

    fn psql(&self, command: &str) -> Result<bool> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-q", "-v", "ON_ERROR_STOP=1", "-U", "bench", "-d", "postgres", "-h"]).arg(&self.folder);
        run(psql.args(["-c", command]).stdout(Stdio::null()))
    }

    fn wait(&self) -> Result<()> {
        let ready = self.folder.join(".s.PGSQL.5432");
        let began = Instant::now();
        while !ready.exists() || !self.psql("SELECT 1")? {
            ensure!(began.elapsed() < Duration::from_secs(30), "PostgreSQL does not answer");
            thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// With an index in the order that is asked for, so that it need not sort.
    fn load(&self, rows: &Path) -> Result<()> {
        let copy =
            format!("\\copy cdrs from program 'gzip -dc {}' with (format csv, header)", rows.display());
        for command in [TABLE, &copy, "CREATE INDEX ON cdrs (time_start)", "VACUUM ANALYZE cdrs"] {
            ensure!(self.psql(command)?, "PostgreSQL refused: {command}");
        }
        Ok(())
    }

    /// Copies all rows, newest first, into a compressed file.
    pub fn copy(&self, rows: u64) -> Result<Copy> {
        let file = self.folder.with_file_name("copy.csv.gz");
        let command = format!(
            "\\copy (SELECT * FROM cdrs ORDER BY time_start DESC) to program 'gzip > {}' \
             with (format csv, header, force_quote *)",
            file.display()
        );
        let began = Instant::now();
        ensure!(self.psql(&command)?, "PostgreSQL refused: {command}");
        let length = began.elapsed();
        let counted = format!("DO $$ BEGIN ASSERT (SELECT count(*) FROM cdrs) = {rows}; END $$");
        ensure!(self.psql(&counted)?, "PostgreSQL has other rows");
        Ok(Copy { length, bytes: fs::metadata(&file)?.len() })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT lets it end its children; already gone is as good.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// The latest release that is installed as Debian does.
fn programs() -> Result<PathBuf> {
    let mut releases: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .context("PostgreSQL is not installed (apt-get install postgresql)")?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    releases.sort();
    releases.pop().context("there is no release of PostgreSQL")
}

/// PostgreSQL does not run as root.
fn as_nobody(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
    command
}

fn run(command: &mut Command) -> Result<bool> {
    Ok(command.status().with_context(|| format!("{:?} cannot be run", command.get_program()))?.success())
}
