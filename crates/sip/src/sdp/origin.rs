//! Versions of a session description (RFC 4566 section 5.2).

use super::line::lines;

/// What an `o=` line says.
#[derive(PartialEq, Eq)]
pub(super) struct Origin<'a> {
    /// User and session. Some put blanks into the user, where none may stand; here they are hyphens.
    pub(super) session: String,
    pub(super) version: &'a str,
    /// Network, family and address or name.
    place: String,
}

/// `next` as the version of a session description that comes after `last`: its origin is that of `last`, and
/// its version is higher if it says anything new (RFC 3264 section 8). As it is if there was none before.
pub fn next_version(last: &[u8], next: Vec<u8>) -> Vec<u8> {
    let (Some((before, number)), Some((own, own_number))) = (Origin::of(last), Origin::of(&next)) else {
        return next;
    };
    let is_same_session = (&before.session, &before.place) == (&own.session, &own.place);
    let version = match () {
        () if content(last).eq(content(&next)) => number,
        () if is_same_session && own_number > number => own_number,
        () => number.saturating_add(1),
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
    /// The origin of a description, and its version.
    fn of(sdp: &'a [u8]) -> Option<(Self, u64)> {
        let origin = lines(sdp).find(|line| line.kind() == Some(b'o'))?.origin()?;
        let version = origin.version.parse().ok()?;
        Some((origin, version))
    }

    /// Reads what stands behind `o=`: the last five fields, and before them the user.
    pub(super) fn parse(value: &'a str) -> Option<Self> {
        let fields: Vec<_> = value.split(' ').filter(|field| !field.is_empty()).collect();
        let (user, rest) = fields.split_at_checked(fields.len().checked_sub(5)?)?;
        let [id, version, net, family, host] = *rest else { return None };
        let is_sound = !user.is_empty() && net == "IN" && matches!(family, "IP4" | "IP6");
        is_sound.then(|| Self {
            session: format!("{} {id}", user.join("-")),
            version,
            place: format!("{net} {family} {host}"),
        })
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
    fn a_user_with_blanks_is_written_without() {
        let next = FIRST.replace("4000", "4002");
        let blank = |version: &str| FIRST.replace("ann 7 3", &format!("Mr. A  B 7 {version}"));
        assert_eq!(after(&blank("3"), &next), next.replace("ann 7 3", "Mr.-A-B 7 4"));
    }

    #[test]
    fn odd_origins_are_left_alone() {
        let odd = FIRST.replace("o=ann 7 3", "o=ann");
        assert_eq!(after(FIRST, &odd), odd);
        assert_eq!(after(&odd, FIRST), FIRST);
    }
}
