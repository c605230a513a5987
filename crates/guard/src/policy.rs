//! How strict the guard is.

use std::time::Duration;

use ipnet::IpNet;

/// How strict the guard is.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Failures of one user from one source within [`window`](Self::window) after which the two are kept out.
    pub of_user: u32,
    /// Failures of one source, whoever it claims to be, after which it is kept out.
    pub of_source: u32,
    /// How long a failure counts.
    pub window: Duration,
    /// How long whoever failed too often is kept out; twice as long each time that it goes on, up to
    /// [`longest_block`](Self::longest_block).
    pub block: Duration,
    /// The longest that anybody is kept out for.
    pub longest_block: Duration,
    /// How long a user who has proved itself at a source passes there whatever others do.
    pub trust: Duration,
    /// Longest time that strangers have to wait for another try of a user who is guessed at from many sources.
    pub longest_wait: Duration,
    /// Networks that are never slowed or kept out.
    pub exempt: Vec<IpNet>,
    /// Most sources, users and pairs of them that are remembered, of each; the ones heard of least lately are
    /// forgotten first.
    pub room: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            of_user: 10,
            of_source: 30,
            window: Duration::from_secs(300),
            block: Duration::from_secs(300),
            longest_block: Duration::from_secs(3600),
            trust: Duration::from_secs(24 * 3600),
            longest_wait: Duration::from_secs(15),
            exempt: Vec::new(),
            room: 50_000,
        }
    }
}
