//! What every handler has at hand.

use std::{sync::Arc, time::Duration};

use directory::{Snapshot, Tokens};
use history::History;
use live::Live;

use crate::{
    ApiConfig,
    auth::{PasswordChecks, Proofs},
    vonage::{oauth::SignIns, repeats::Repeats},
    yeti::session::Ended,
};

/// Gives the directory as it is now.
pub type DirectorySource = Arc<dyn Fn() -> Arc<Snapshot> + Send + Sync>;

/// The server, as the dialects see it.
pub struct App {
    /// The live calls and the commands.
    pub live: Arc<Live>,
    /// Records, series, exports.
    pub history: Arc<dyn History>,
    /// How to behave.
    pub config: ApiConfig,
    /// Password checks under way.
    pub password_checks: PasswordChecks,
    /// Logins that were right of late.
    pub proofs: Proofs,
    /// Sign-ins of people on behalf of applications, and the tokens that came of them.
    pub sign_ins: SignIns,
    /// Answers to commands that may be repeated.
    pub repeats: Repeats,
    /// Sessions of the Yeti dialect that were ended.
    pub ended_sessions: Ended,
    directory: DirectorySource,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        live: Arc<Live>,
        history: Arc<dyn History>,
        directory: DirectorySource,
        config: ApiConfig,
        tokens: Arc<Tokens>,
    ) -> Arc<Self> {
        let repeats = Repeats::new(config.answers.clone(), live.clock().now());
        Arc::new(Self {
            live,
            history,
            config,
            password_checks: PasswordChecks::default(),
            proofs: Proofs::default(),
            sign_ins: SignIns::new(tokens),
            repeats,
            ended_sessions: Ended::default(),
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
