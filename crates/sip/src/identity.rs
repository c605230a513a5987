//! What a request says of its caller besides From, and of the way that the call has come: Privacy (RFC 3323), the
//! identities that networks assert (RFC 3325, draft-ietf-sip-privacy-04), Diversion (RFC 5806) and History-Info
//! (RFC 7044).

use crate::{
    NameAddr, Uri,
    name_addr::split_list,
    param::{param, unquote},
};

/// From of who is not to be known (RFC 3323 section 4.1.1.3).
pub const ANONYMOUS: &str = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";

/// What a `Privacy` header asks for (RFC 3323 section 4.2, RFC 3325 section 9.3, RFC 7044 section 10.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privacy {
    /// `id`: the asserted identity stays among those who trust each other.
    pub id: bool,
    /// `header`: headers that show where the caller is are not passed on.
    pub header: bool,
    /// `user`: From and the like do not show who calls.
    pub user: bool,
    /// `history`: History-Info is not passed on to who is not trusted.
    pub history: bool,
    /// `none`: nothing is to be hidden, whatever would be otherwise.
    pub none: bool,
}

impl Privacy {
    /// Reads the value of one header; what it asks for and is not known is passed over.
    pub fn parse(text: &str) -> Self {
        let mut privacy = Self::default();
        for word in text.split([';', ',']).map(str::trim) {
            privacy.add(word);
        }
        privacy
    }

    fn add(&mut self, word: &str) {
        let known = [
            ("id", &mut self.id),
            ("header", &mut self.header),
            ("user", &mut self.user),
            ("history", &mut self.history),
            ("none", &mut self.none),
        ];
        if let Some((_, place)) = known.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name)) {
            *place = true;
        }
    }

    /// Whether the called party is not to know who calls. A wish for nothing stands alone (RFC 3323 section 4.2).
    pub fn hides_caller(&self) -> bool {
        !self.none && (self.id || self.header || self.user)
    }
}

/// Whether a From is one of nobody: of the name `anonymous`, or of a host in `.invalid` (RFC 3323 section 4.1.1.3,
/// and the `restricted` and `unknown` of gateways).
pub fn is_anonymous(from: &NameAddr<'_>) -> bool {
    let Some(Uri::Sip(uri)) = Uri::parse(from.uri) else { return false };
    let host = uri.host.host.to_string();
    let is_invalid = host.len() >= 8 && host[host.len() - 8..].eq_ignore_ascii_case(".invalid");
    let user = uri.user.unwrap_or_default();
    is_invalid
        || ["anonymous", "restricted", "unknown"].iter().any(|nobody| user.eq_ignore_ascii_case(nobody))
}

/// Who a network says that the caller is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// The number or user.
    pub number: String,
    /// The name, if there is one.
    pub name: Option<String>,
    /// Whether it is not to be shown.
    pub is_private: bool,
}

/// The caller in `P-Asserted-Identity` or `P-Preferred-Identity` values: a `tel:` URI goes before others, as it
/// names a number for sure (RFC 3325 section 9.1 allows one of each).
pub fn asserted<'a>(values: impl Iterator<Item = &'a str>) -> Option<Asserted> {
    let read = |value: &'a str| {
        let value = NameAddr::parse(value)?;
        let uri = Uri::parse(value.uri)?;
        let number = Some(uri.number()).filter(|number| !number.is_empty())?;
        let is_tel = matches!(uri, Uri::Tel(_));
        Some((is_tel, Asserted { number, name: value.display(), is_private: false }))
    };
    let mut found: Vec<_> = values.flat_map(split_list).filter_map(read).collect();
    let name = found.iter().find_map(|(_, asserted)| asserted.name.clone());
    let at = found.iter().position(|(is_tel, _)| *is_tel).unwrap_or(0);
    let (_, first) = (at < found.len()).then(|| found.swap_remove(at))?;
    Some(Asserted { name: first.name.or(name), ..first })
}

/// Which of the two parties of a call somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that has sent the INVITE.
    Calling,
    /// The one that it has reached.
    Called,
}

/// The party of this side in `Remote-Party-ID` values: the first that is not said to be the other one.
pub fn remote_party<'a>(values: impl Iterator<Item = &'a str>, side: Side) -> Option<Asserted> {
    let other = match side {
        Side::Calling => "called",
        Side::Called => "calling",
    };
    let read = |value: &'a str| {
        let value = NameAddr::parse(value)?;
        let is_other = value.param("party").is_some_and(|party| party.eq_ignore_ascii_case(other));
        let number =
            Some(Uri::parse(value.uri)?.number()).filter(|number| !number.is_empty() && !is_other)?;
        let is_private =
            value.param("privacy").is_some_and(|privacy| !unquote(privacy).eq_ignore_ascii_case("off"));
        Some(Asserted { number, name: value.display(), is_private })
    };
    values.flat_map(split_list).find_map(read)
}

/// Who sent a call on, and why: of a `Diversion` or `History-Info` value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diverted {
    /// The number that was called before.
    pub number: String,
    /// `user-busy`, `no-answer` and the like; of a History-Info none.
    pub reason: Option<String>,
}

/// Each `Diversion` value, the latest first.
pub fn diversions<'a>(values: impl Iterator<Item = &'a str>) -> impl Iterator<Item = (&'a str, Diverted)> {
    values.flat_map(split_list).filter_map(|value| {
        let read = NameAddr::parse(value)?;
        let number = Uri::parse(read.uri)?.number();
        let reason = read.param("reason").map(unquote);
        Some((value, Diverted { number, reason }))
    })
}

/// One entry of `History-Info`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number or user that the call was for.
    pub number: String,
    /// Where in the tree of the call's ways it stands, as `1.2`.
    pub index: String,
    /// Whether it is not to be passed on to who is not trusted.
    pub is_private: bool,
}

/// The entries of `History-Info` values, the oldest first.
pub fn history<'a>(values: impl Iterator<Item = &'a str>) -> impl Iterator<Item = (&'a str, Entry)> {
    values.flat_map(split_list).filter_map(|value| {
        let read = NameAddr::parse(value)?;
        let (bare, headers) = crate::uri::split_headers(read.uri);
        let privacy = crate::uri::header(headers, "Privacy").map(|privacy| Privacy::parse(&privacy));
        let number = Uri::parse(bare)?.number();
        let index = param(&value[value.rfind('>').unwrap_or(0)..], "index").unwrap_or_default().to_owned();
        let is_private = privacy.is_some_and(|privacy| privacy.history);
        Some((value, Entry { number, index, is_private }))
    })
}

/// `History-Info` with further steps: each is a child of the one before it (RFC 7044 section 5).
pub fn extended<'a>(known: Option<&str>, steps: impl Iterator<Item = &'a str>) -> String {
    let last = known.and_then(|known| history([known].into_iter()).last()).map(|(_, entry)| entry.index);
    let mut index = last.filter(|index| !index.is_empty());
    let mut written = known.unwrap_or_default().to_owned();
    for step in steps {
        let next = index.map_or("1".to_owned(), |index| format!("{index}.1"));
        let comma = if written.is_empty() { "" } else { ", " };
        written.push_str(&format!("{comma}<{step}>;index={next}"));
        index = Some(next);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wish_is_known_and_none_stands_against_all() {
        for (text, hides) in [
            ("id", true),
            ("user", true),
            ("header;critical", true),
            (" ID ; user", true),
            ("id, user", true),
            ("none", false),
            ("none;id", false),
            ("critical", false),
            ("session", false),
            ("history", false),
            ("", false),
            ("x-odd", false),
            ("x-odd;id", true),
        ] {
            assert_eq!(Privacy::parse(text).hides_caller(), hides, "{text}");
        }
    }

    #[test]
    fn nobody_has_many_names() {
        for (from, expected) in [
            ("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1", true),
            ("<sip:anonymous@carrier.example>", true),
            ("<sip:Unknown@carrier.example>", true),
            ("<sip:+4930@anonymous.INVALID>", true),
            ("sip:Restricted@h", true),
            ("\"Anonymous\" <sip:+4930@h>", false),
            ("<sip:anna@h>", false),
            ("<tel:+4930>", false),
            ("<sip:h>", false),
        ] {
            assert_eq!(is_anonymous(&NameAddr::parse(from).unwrap()), expected, "{from}");
        }
    }

    fn asserted_in(values: &[&str]) -> Option<(String, Option<String>)> {
        asserted(values.iter().copied()).map(|found| (found.number, found.name))
    }

    #[test]
    fn the_asserted_number_is_found() {
        let found = |number: &str, name: Option<&str>| Some((number.to_owned(), name.map(str::to_owned)));
        assert_eq!(asserted_in(&["\"Ann\" <sip:+49-30-1;npdi@h>"]), found("+49301", Some("Ann")));
        assert_eq!(asserted_in(&["\"Ann\" <sip:ann@h>, <tel:+49-30-1>"]), found("+49301", Some("Ann")));
        assert_eq!(asserted_in(&["<sip:ann@h>", "tel:+49301;cpc=x"]), found("+49301", None));
        for nothing in ["", "<sip:h>", "junk", "<mailto:a@b>", "\"x <sip:a@b>"] {
            assert_eq!(asserted_in(&[nothing]), None, "{nothing}");
        }
    }

    #[test]
    fn a_remote_party_says_whether_it_is_to_be_shown() {
        for (text, expected) in [
            ("<sip:+49301@h>;party=calling;privacy=full;screen=yes", Some(("+49301", true))),
            ("\"A\" <sip:+49301@h>;privacy=\"off\"", Some(("+49301", false))),
            ("<sip:1@h>;party=called, <sip:2@h>;party=calling", Some(("2", false))),
            ("<sip:1@h>;party=called", None),
        ] {
            let found = remote_party([text].into_iter(), Side::Calling);
            assert_eq!(found.as_ref().map(|found| (&*found.number, found.is_private)), expected, "{text}");
        }
    }

    #[test]
    fn each_side_has_its_remote_party() {
        let text = "<sip:1@h>;party=called, <sip:2@h>;party=calling, <sip:3@h>";
        for (side, expected) in [(Side::Called, "1"), (Side::Calling, "2")] {
            assert_eq!(remote_party([text].into_iter(), side).unwrap().number, expected, "{side:?}");
        }
    }

    #[test]
    fn the_way_of_a_call_is_read() {
        let text =
            "<sip:1002@h;user=phone>;reason=user-busy;counter=1, <tel:+49-30-1>;reason=\"no-answer\", junk";
        let found: Vec<_> = diversions([text].into_iter()).map(|(_, diverted)| diverted).collect();
        let expected = [("1002", "user-busy"), ("+49301", "no-answer")];
        let expected: Vec<_> = expected
            .iter()
            .map(|(number, reason)| Diverted { number: (*number).into(), reason: Some((*reason).into()) })
            .collect();
        assert_eq!(found, expected);

        let text =
            "<sip:1002@h?Reason=SIP%3Bcause%3D486&Privacy=history>;index=1,<sip:1003@h>;index=1.1;mp=1";
        let found: Vec<_> = history([text].into_iter()).map(|(_, entry)| entry).collect();
        let entry = |number: &str, index: &str, is_private| Entry {
            number: number.into(),
            index: index.into(),
            is_private,
        };
        assert_eq!(found, [entry("1002", "1", true), entry("1003", "1.1", false)]);
    }

    #[test]
    fn each_step_is_a_child_of_the_one_before() {
        let two = || ["sip:1@h", "sip:2@h"].into_iter();
        assert_eq!(extended(None, two()), "<sip:1@h>;index=1, <sip:2@h>;index=1.1");
        let known = "<sip:a@b>;index=1,<sip:c@d>;index=1.2";
        assert_eq!(
            extended(Some(known), two()),
            format!("{known}, <sip:1@h>;index=1.2.1, <sip:2@h>;index=1.2.1.1")
        );
    }
}
