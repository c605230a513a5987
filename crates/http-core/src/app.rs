//! What every handler has at hand.

use std::{sync::Arc, time::Duration};

use directory::{Snapshot, Tokens};
use history::History;
use live::Live;

use crate::{
    HttpConfig,
    auth::{PasswordChecks, Proofs},
    repeats::Repeats,
};

/// Gives the directory as it is now.
pub type DirectorySource = Arc<dyn Fn() -> Arc<Snapshot> + Send + Sync>;

/// The server, as every dialect sees it.
pub struct App {
    /// The live calls and the commands.
    pub live: Arc<Live>,
    /// Records, series, exports.
    pub history: Arc<dyn History>,
    /// How to behave.
    pub config: HttpConfig,
    /// Password checks under way.
    pub password_checks: PasswordChecks,
    /// Logins that were right of late.
    pub proofs: Proofs,
    /// The tokens of people who let applications use their account.
    pub tokens: Arc<Tokens>,
    /// Answers to commands that may be repeated.
    pub repeats: Repeats,
    directory: DirectorySource,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        live: Arc<Live>,
        history: Arc<dyn History>,
        directory: DirectorySource,
        config: HttpConfig,
        tokens: Arc<Tokens>,
    ) -> Arc<Self> {
        let repeats = Repeats::new(config.answers.clone(), live.clock().now());
        Arc::new(Self {
            live,
            history,
            config,
            repeats,
            password_checks: PasswordChecks::default(),
            proofs: Proofs::default(),
            tokens,
            directory,
        })
    }

    /// The directory as it is now.
    pub fn directory(&self) -> Arc<Snapshot> {
        (self.directory)()
    }

    /// Now, by the clock that events go by.
    pub fn now(&self) -> call::Timestamp {
        self.live.clock().now()
    }

    /// Now, by the clock that lengths are measured with.
    pub fn monotonic(&self) -> Duration {
        self.live.clock().monotonic()
    }
}
