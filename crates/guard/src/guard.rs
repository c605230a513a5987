//! What is remembered of failures, and what follows from it.

use std::{hash::Hash, net::IpAddr, time::Duration};

use hashlink::LruCache;

use crate::{Offence, Policy, Source, level::Level};

/// Who is tried, as a hash: names are not kept.
pub(crate) type User = u64;

/// Remembers failures. All times are monotonic.
#[derive(Debug)]
pub struct Guard {
    policy: Policy,
    sources: LruCache<Source, Level>,
    users: LruCache<User, Level>,
    pairs: LruCache<(Source, User), Level>,
    /// Until when a pair passes whatever others do.
    trusted: LruCache<(Source, User), Duration>,
    blocks: LruCache<Subject, Block>,
}

/// Who is kept out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    Source(Source),
    Pair(Source, User),
}

/// Somebody who is kept out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// From where.
    pub source: Source,
    /// Whether everybody there is meant who has not proved itself of late, or one user only.
    pub is_whole: bool,
    /// For what.
    pub offence: Offence,
    /// Since when.
    pub since: Duration,
    /// Until when.
    pub until: Duration,
    /// Tries since then that were turned away.
    pub refused: u64,
}

/// Whether a try is let pass to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Pass,
    /// Not before this time has passed.
    Wait(Duration),
    /// Not before this time has passed: whoever tries is kept out.
    Blocked(Duration),
}

impl Guard {
    /// A guard that remembers nothing yet.
    pub fn new(policy: Policy) -> Self {
        let room = policy.room.max(1);
        Self {
            sources: LruCache::new(room),
            users: LruCache::new(room),
            pairs: LruCache::new(room),
            trusted: LruCache::new(room),
            blocks: LruCache::new(room),
            policy,
        }
    }

    /// From now on, this is how strict it is. What is remembered stays.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }

    /// Whether `ip` may try to prove that it is `user`. A try that may not is not to be checked: then neither
    /// its outcome nor its time tells anything.
    pub fn check(&mut self, ip: IpAddr, user: Option<User>, now: Duration) -> Verdict {
        if self.is_exempt(ip) {
            return Verdict::Pass;
        }
        let source = Source::from(ip);
        let pair = user.map(|user| (source, user));
        if let Some((source, user)) = pair
            && let Some(left) = self.refuse(Subject::Pair(source, user), now)
        {
            return Verdict::Blocked(left);
        }
        if pair.is_some_and(|pair| self.is_trusted(pair, now)) {
            return Verdict::Pass;
        }
        match self.refuse(Subject::Source(source), now) {
            Some(left) => Verdict::Blocked(left),
            None => user.map_or(Verdict::Pass, |user| self.slow(user, now)),
        }
    }

    /// Whether `user` has proved itself at `ip` of late.
    pub fn knows(&mut self, ip: IpAddr, user: User, now: Duration) -> bool {
        self.is_trusted((ip.into(), user), now)
    }

    /// A try has failed, or something else was done that counts against its source. The block that it leads
    /// to, if it does.
    pub fn failed(
        &mut self,
        ip: IpAddr,
        user: Option<User>,
        offence: Offence,
        now: Duration,
    ) -> Option<Block> {
        if self.is_exempt(ip) {
            return None;
        }
        let (source, weight) = (Source::from(ip), offence.weight());
        let pair = user.map(|user| (source, user));
        let is_guess = offence == Offence::WrongSecret;
        if let Some(pair) = pair.filter(|_| is_guess) {
            add(&mut self.users, pair.1, weight, now, (self.policy.of_source, self.policy.window));
            let of_pair = add(&mut self.pairs, pair, weight, now, (self.policy.of_user, self.policy.window));
            if of_pair > f64::from(self.policy.of_user) - 0.5 {
                return Some(self.block(Subject::Pair(pair.0, pair.1), offence, now));
            }
        }
        if pair.is_some_and(|pair| self.is_trusted(pair, now)) {
            return None;
        }
        let of_source =
            add(&mut self.sources, source, weight, now, (self.policy.of_source, self.policy.window));
        let is_too_much = of_source > f64::from(self.policy.of_source) - 0.5;
        is_too_much.then(|| self.block(Subject::Source(source), offence, now))
    }

    /// `user` has proved itself at `ip`: its failures there are forgotten, and so is that it was asked to.
    pub fn succeeded(&mut self, ip: IpAddr, user: User, now: Duration) {
        let source = Source::from(ip);
        self.pairs.remove(&(source, user));
        if let Some(level) = self.sources.get_mut(&source) {
            level.add(-Offence::Unproved.weight(), now, self.policy.of_source, self.policy.window);
        }
        self.trusted.insert((source, user), now + self.policy.trust);
    }

    /// Who is kept out now.
    pub fn blocks(&self, now: Duration) -> Vec<Block> {
        self.blocks.iter().map(|(_, block)| block).filter(|block| block.until > now).cloned().collect()
    }

    /// Lets a source in again, with all its users, and forgets what is held against it. Whether it was kept out.
    pub fn lift(&mut self, source: Source, now: Duration) -> bool {
        let is_of = |subject: &Subject| match subject {
            Subject::Source(of) | Subject::Pair(of, _) => *of == source,
        };
        let was_kept_out = self.blocks.iter().any(|(subject, block)| is_of(subject) && block.until > now);
        self.blocks.retain(|subject, _| !is_of(subject));
        self.pairs.retain(|(of, _), _| *of != source);
        self.sources.remove(&source);
        was_kept_out
    }

    /// How many sources, users, pairs and blocks are remembered.
    pub fn remembered(&self) -> usize {
        self.sources.len() + self.users.len() + self.pairs.len() + self.trusted.len() + self.blocks.len()
    }

    fn is_exempt(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.policy.exempt.iter().any(|network| network.contains(&ip))
    }

    fn is_trusted(&mut self, pair: (Source, User), now: Duration) -> bool {
        self.trusted.get(&pair).is_some_and(|until| *until > now)
    }

    /// How long somebody who is kept out has to wait; counts the try.
    fn refuse(&mut self, subject: Subject, now: Duration) -> Option<Duration> {
        let block = self.blocks.get_mut(&subject).filter(|block| block.until > now)?;
        block.refused += 1;
        Some(block.until.saturating_sub(now))
    }

    /// Guesses at one user from many sources slow all of them together.
    fn slow(&mut self, user: User, now: Duration) -> Verdict {
        let policy = &self.policy;
        let wait =
            self.users.get(&user).map_or(Duration::ZERO, |level| level.wait(now, policy.of_source, policy));
        if wait.is_zero() { Verdict::Pass } else { Verdict::Wait(wait) }
    }

    fn block(&mut self, subject: Subject, offence: Offence, now: Duration) -> Block {
        let (source, is_whole) = match subject {
            Subject::Source(source) => (source, true),
            Subject::Pair(source, _) => (source, false),
        };
        let before = self.blocks.get(&subject).map(|block| block.until.saturating_sub(block.since));
        let length = before.map_or(self.policy.block, |before| (before * 2).min(self.policy.longest_block));
        let block = Block { source, is_whole, offence, since: now, until: now + length, refused: 0 };
        self.blocks.insert(subject, block.clone());
        block
    }
}

fn add<K: Hash + Eq>(
    levels: &mut LruCache<K, Level>,
    key: K,
    weight: f64,
    now: Duration,
    (limit, window): (u32, Duration),
) -> f64 {
    levels.entry(key).or_insert_with(Level::default).add(weight, now, limit, window)
}
