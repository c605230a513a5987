//! Versions of a session description (RFC 4566 section 5.2).

use std::str;

use super::line::{Line, lines};

/// What an `o=` line says.
#[derive(PartialEq, Eq)]
struct Origin<'a> {
    /// User and session.
    session: &'a str,
    version: u64,
    /// Network, family and address.
    place: &'a str,
}

/// `next` as the version of a session description that comes after `last`: its origin is that of `last`, and
/// its version is higher if it says anything new (RFC 3264 section 8). As it is if there was none before.
pub fn next_version(last: &[u8], next: Vec<u8>) -> Vec<u8> {
    let (Some(before), Some(own)) = (Origin::of(last), Origin::of(&next)) else { return next };
    let is_same_session = (before.session, before.place) == (own.session, own.place);
    let version = match () {
        () if content(last).eq(content(&next)) => before.version,
        () if is_same_session && own.version > before.version => own.version,
        () => before.version.saturating_add(1),
    };
    let mut written = Vec::with_capacity(next.len() + 16);
    for line in lines(&next) {
        match line.kind() {
            Some(b'o') => {
                written.extend(format!("o={} {version} {}", before.session, before.place).into_bytes());
            }
            _ => written.extend_from_slice(line.content),
        }
        written.extend_from_slice(line.end);
    }
    written
}

/// All lines but the origin.
fn content(sdp: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines(sdp).filter(|line| line.kind() != Some(b'o')).map(|line| line.content)
}

impl<'a> Origin<'a> {
    fn of(sdp: &'a [u8]) -> Option<Self> {
        Self::read(lines(sdp).find(|line| line.kind() == Some(b'o'))?)
    }

    fn read(line: Line<'a>) -> Option<Self> {
        let value = str::from_utf8(line.content).ok()?.strip_prefix("o=")?;
        let at_version = value.match_indices(' ').nth(1)?.0;
        let (session, rest) = value.split_at(at_version);
        let (version, place) = rest.trim_start().split_once(' ')?;
        Some(Self { session, version: version.parse().ok()?, place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(last: &str, next: &str) -> String {
        String::from_utf8(next_version(last.as_bytes(), next.as_bytes().to_vec())).unwrap()
    }

    const FIRST: &str = "v=0\r\no=ann 7 3 IN IP4 192.0.2.1\r\ns=-\r\nm=audio 4000 RTP/AVP 0\r\n";

    #[test]
    fn the_first_description_stays_as_it_is() {
        assert_eq!(after("", FIRST), FIRST);
    }

    #[test]
    fn anothers_description_becomes_the_next_version() {
        let next = after(FIRST, "v=0\r\no=bob 9 9 IN IP4 192.0.2.2\r\ns=-\r\nm=audio 5000 RTP/AVP 0\r\n");
        assert_eq!(next, "v=0\r\no=ann 7 4 IN IP4 192.0.2.1\r\ns=-\r\nm=audio 5000 RTP/AVP 0\r\n");
    }

    #[test]
    fn what_says_nothing_new_is_no_new_version() {
        assert_eq!(after(FIRST, &FIRST.replace("ann 7 3", "bob 9 9")), FIRST);
    }

    #[test]
    fn a_partys_own_versions_are_kept_as_long_as_they_grow() {
        let next = |version: &str| FIRST.replace("ann 7 3", version).replace("4000", "4002");
        for (own, expected) in [("ann 7 5", "ann 7 5"), ("ann 7 3", "ann 7 4"), ("ann 7 2", "ann 7 4")] {
            assert_eq!(after(FIRST, &next(own)), next(expected), "{own}");
        }
    }

    #[test]
    fn odd_origins_are_left_alone() {
        let odd = FIRST.replace("o=ann 7 3", "o=ann");
        assert_eq!(after(FIRST, &odd), odd);
        assert_eq!(after(&odd, FIRST), FIRST);
    }
}
