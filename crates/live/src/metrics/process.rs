//! What this process takes of the machine, by the names that Prometheus' own clients use, and how its runtime is.

use std::{
    fs,
    sync::atomic::{AtomicU64, Ordering},
};

use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};

/// Clock ticks in a second, as `/proc` counts processor time.
const TICKS: f64 = 100.0;
/// Bytes of a page, as `/proc` counts memory.
const PAGE: i64 = 4_096;

/// The figures. They are read when they are asked for.
#[derive(Default)]
pub(super) struct Process {
    cpu_seconds: Counter<f64, AtomicU64>,
    resident_bytes: Gauge,
    open_files: Gauge,
    most_files: Gauge,
    threads: Gauge,
    tasks: Gauge,
    workers: Gauge,
    queue: Gauge,
}

impl Process {
    pub(super) fn register(&self, registry: &mut Registry) {
        let process = registry.sub_registry_with_prefix("process");
        process.register("cpu_seconds", "Processor time", self.cpu_seconds.clone());
        process.register("resident_memory_bytes", "Memory in use", self.resident_bytes.clone());
        process.register("open_fds", "Open files and sockets", self.open_files.clone());
        process.register("max_fds", "Files and sockets that may be open", self.most_files.clone());
        process.register("threads", "Threads", self.threads.clone());
        let tokio = registry.sub_registry_with_prefix("tokio");
        tokio.register(
            "alive_tasks",
            "Tasks of the runtime that serves HTTP and the writer",
            self.tasks.clone(),
        );
        tokio.register("workers", "Its threads", self.workers.clone());
        tokio.register("global_queue_depth", "Tasks that wait for a thread", self.queue.clone());
    }

    /// Looks now. What the system does not tell stays as it was.
    pub(super) fn look(&self) {
        self.look_at_stat();
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            self.open_files.set(i64::try_from(files.count()).unwrap_or(i64::MAX));
        }
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let files = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
        if let Some(most) = files.and_then(|line| line.split_whitespace().next()?.parse().ok()) {
            self.most_files.set(most);
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let metrics = runtime.metrics();
            self.tasks.set(super::gauged(metrics.num_alive_tasks()));
            self.workers.set(super::gauged(metrics.num_workers()));
            self.queue.set(super::gauged(metrics.global_queue_depth()));
        }
    }

    /// The fields are numbered in proc(5); the second one may hold blanks.
    fn look_at_stat(&self) {
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let number = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<i64>().ok());
        if let (Some(user), Some(system)) = (number(14), number(15)) {
            let seconds = (user + system) as f64 / TICKS;
            self.cpu_seconds.inner().store(seconds.to_bits(), Ordering::Relaxed);
        }
        if let (Some(threads), Some(pages)) = (number(20), number(24)) {
            self.threads.set(threads);
            self.resident_bytes.set(pages * PAGE);
        }
    }
}
