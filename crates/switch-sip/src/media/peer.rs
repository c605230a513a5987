//! Which packets are a party's, and where packets for it go.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use ice::Agent;

use super::{counts::Fate, rtp::Header, security::Ice};

/// How long after a description a party's translated address may be learned.
pub(super) const LEARNING: Duration = Duration::from_secs(10);

/// A party of one path. Times are since the relay's start.
#[derive(Debug, Default)]
pub(super) struct Peer {
    described: Option<SocketAddr>,
    signalled_from: Option<IpAddr>,
    source: Option<Source>,
    /// Where it sent from under its description before this one: late packets are not to be learned from.
    former: Option<SocketAddr>,
    learns_until: Duration,
    is_held: bool,
    /// Its checks say where it is, and nothing else does.
    checks: Option<Box<Agent>>,
}

/// Where a party sends from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    address: SocketAddr,
    ssrc: Option<u32>,
}

impl Peer {
    /// Takes what a session description says: where the party receives this stream, and which host the
    /// description came from, and whether it wants to hear anything. The same address as before leaves what
    /// was learned as it is.
    pub(super) fn describe(&mut self, address: SocketAddr, signalled_from: IpAddr, listens: bool) {
        self.signalled_from = Some(signalled_from.to_canonical());
        let is_nowhere = address.ip().is_unspecified();
        self.is_held = is_nowhere || !listens;
        if !is_nowhere && self.described != Some(address) {
            self.former = self.source.take().map(|source| source.address).or(self.described);
            self.described = Some(address);
        }
    }

    /// The party refuses this stream.
    pub(super) fn refuse(&mut self) {
        self.is_held = true;
    }

    /// A description of either party has come: media may begin to flow, so a translated address may be
    /// learned from now on for a while.
    pub(super) fn learn_from(&mut self, now: Duration) {
        self.learns_until = now + LEARNING;
    }

    /// Lets checks say where the party is, or its descriptions again.
    pub(super) fn set_checks(&mut self, ice: Option<&Ice>) {
        match ice {
            Some(Ice { ours, theirs }) => {
                let agent = self.checks.get_or_insert_with(|| Box::new(Agent::new(ours.clone())));
                agent.set(ours, theirs.as_ref());
            }
            None => self.checks = None,
        }
    }

    /// What takes a packet that may be a check of the party's.
    pub(super) fn checks(&mut self, packet: &[u8]) -> Option<&mut Agent> {
        self.checks.as_deref_mut().filter(|_| ice::is_stun(packet))
    }

    /// Where packets for the party go; `None` if it wants none.
    pub(super) fn target(&self, now: Duration) -> Option<SocketAddr> {
        let is_wanted = |_: &SocketAddr| !self.is_held;
        self.address(now).filter(is_wanted)
    }

    /// Where the party is, whether it wants packets or not.
    pub(super) fn address(&self, now: Duration) -> Option<SocketAddr> {
        match &self.checks {
            Some(agent) => agent.target(now),
            None => self.source.map(|source| source.address).or(self.described),
        }
    }

    /// Whether a packet that came from `address` is the party's; if so, and it is the first that came from there, what
    /// is to be noted of it once it is known to be authentic.
    pub(super) fn check(
        &self,
        address: SocketAddr,
        packet: &[u8],
        now: Duration,
    ) -> Result<Option<Source>, Fate> {
        if let Some(agent) = &self.checks {
            return if agent.is_at(address) { Ok(None) } else { Err(Fate::FromStranger) };
        }
        let Some(described) = self.described else { return Err(Fate::TooEarly) };
        if self.source.is_some_and(|source| source.address == address) {
            return Ok(None);
        }
        let ssrc = Header::read(packet).map(|header| header.ssrc);
        if !self.may_become_source(address, described, ssrc, now) {
            return Err(Fate::FromStranger);
        }
        Ok(Some(Source { address, ssrc }))
    }

    /// Notes where the party sends from.
    pub(super) fn learn(&mut self, source: Option<Source>) {
        self.source = source.or(self.source);
    }

    /// The described address itself goes before a translated one. Of those the first stands, unless the
    /// same stream (SSRC) goes on from elsewhere while there is still time to learn.
    fn may_become_source(
        &self,
        address: SocketAddr,
        described: SocketAddr,
        ssrc: Option<u32>,
        now: Duration,
    ) -> bool {
        let is_learning = now < self.learns_until;
        let is_of_host = address.ip() == described.ip() || Some(address.ip()) == self.signalled_from;
        match self.source {
            _ if address == described => is_learning || self.source.is_none(),
            _ if !is_learning || !is_of_host || self.former == Some(address) => false,
            None => true,
            Some(source) => source.address != described && ssrc.is_some() && source.ssrc == ssrc,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(100);
    const SOON: Duration = Duration::from_secs(101);
    const LATE: Duration = Duration::from_secs(111);

    impl Peer {
        fn admit(&mut self, address: SocketAddr, packet: &[u8], now: Duration) -> Result<(), Fate> {
            let source = self.check(address, packet, now)?;
            self.learn(source);
            Ok(())
        }
    }

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    fn rtp(ssrc: u32) -> Vec<u8> {
        Header { is_marked: false, payload_type: 0, sequence: 1, timestamp: 0, ssrc }.with(&[])
    }

    fn peer() -> Peer {
        let mut peer = Peer::default();
        peer.describe(at("10.0.0.1:4000"), "192.0.2.1".parse().unwrap(), true);
        peer.learn_from(NOW);
        peer
    }

    #[test]
    fn before_any_description_every_packet_is_too_early() {
        let mut peer = Peer::default();
        peer.learn_from(NOW);
        assert_eq!(peer.admit(at("10.0.0.1:4000"), &rtp(1), NOW), Err(Fate::TooEarly));
        assert_eq!(peer.target(NOW), None);
    }

    #[test]
    fn the_described_address_is_good_at_any_time() {
        let mut peer = peer();
        assert_eq!(peer.target(NOW), Some(at("10.0.0.1:4000")));
        assert_eq!(peer.admit(at("10.0.0.1:4000"), &rtp(1), LATE), Ok(()));
    }

    #[test]
    fn a_translated_address_of_the_sip_host_or_another_port_of_the_described_host_is_learned() {
        for translated in ["192.0.2.1:61000", "10.0.0.1:61000"] {
            let mut peer = peer();
            assert_eq!(peer.admit(at(translated), &rtp(1), SOON), Ok(()));
            assert_eq!(peer.target(NOW), Some(at(translated)));
            assert_eq!(peer.admit(at(translated), &rtp(2), LATE), Ok(()));
        }
    }

    #[test]
    fn a_stranger_is_never_learned() {
        let mut peer = peer();
        assert_eq!(peer.admit(at("198.51.100.7:4000"), &rtp(1), SOON), Err(Fate::FromStranger));
        assert_eq!(peer.target(NOW), Some(at("10.0.0.1:4000")));
    }

    #[test]
    fn nothing_is_learned_after_the_window() {
        let mut peer = peer();
        assert_eq!(peer.admit(at("192.0.2.1:61000"), &rtp(1), LATE), Err(Fate::FromStranger));
    }

    #[test]
    fn what_was_learned_stands_against_another_stream_but_follows_its_own() {
        let mut peer = peer();
        assert_eq!(peer.admit(at("192.0.2.1:61000"), &rtp(1), SOON), Ok(()));
        assert_eq!(peer.admit(at("192.0.2.1:61002"), &rtp(2), SOON), Err(Fate::FromStranger));
        assert_eq!(peer.admit(at("192.0.2.1:61004"), &rtp(1), SOON), Ok(()));
        assert_eq!(peer.admit(at("192.0.2.1:61006"), &rtp(1), LATE), Err(Fate::FromStranger));
        assert_eq!(peer.target(NOW), Some(at("192.0.2.1:61004")));
    }

    #[test]
    fn the_described_address_wins_over_a_learned_one_while_learning() {
        let mut peer = peer();
        assert_eq!(peer.admit(at("192.0.2.1:61000"), &rtp(1), SOON), Ok(()));
        assert_eq!(peer.admit(at("10.0.0.1:4000"), &rtp(2), SOON), Ok(()));
        assert_eq!(peer.admit(at("192.0.2.1:61000"), &rtp(1), SOON), Err(Fate::FromStranger));
        assert_eq!(peer.target(NOW), Some(at("10.0.0.1:4000")));
    }

    #[test]
    fn the_same_description_again_keeps_what_was_learned_and_a_new_one_drops_it() {
        let mut peer = peer();
        assert_eq!(peer.admit(at("192.0.2.1:61000"), &rtp(1), SOON), Ok(()));
        peer.describe(at("10.0.0.1:4000"), "192.0.2.1".parse().unwrap(), true);
        assert_eq!(peer.target(NOW), Some(at("192.0.2.1:61000")));

        peer.describe(at("10.0.0.1:5000"), "192.0.2.1".parse().unwrap(), true);
        peer.learn_from(SOON);
        assert_eq!(peer.target(NOW), Some(at("10.0.0.1:5000")));
        assert_eq!(peer.admit(at("192.0.2.1:61000"), &rtp(1), SOON), Err(Fate::FromStranger), "late packet");
        assert_eq!(peer.admit(at("192.0.2.1:62000"), &rtp(3), SOON), Ok(()));
    }

    #[test]
    fn a_held_party_gets_nothing_and_is_found_again_where_it_was() {
        let mut peer = peer();
        assert_eq!(peer.admit(at("192.0.2.1:61000"), &rtp(1), SOON), Ok(()));
        peer.describe(at("0.0.0.0:4000"), "192.0.2.1".parse().unwrap(), true);
        assert_eq!(peer.target(NOW), None);
        peer.describe(at("10.0.0.1:4000"), "192.0.2.1".parse().unwrap(), true);
        assert_eq!(peer.target(NOW), Some(at("192.0.2.1:61000")));
    }
}
