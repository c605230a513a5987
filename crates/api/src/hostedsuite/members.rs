//! The members of a request by name, however they arrived (section 1.7).

use std::{collections::HashMap, fmt};

use percent_encoding::percent_decode;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value as Json;

/// The members of a request. Names are found in either case; of members with the same name the last
/// counts. They hold a password, so this has no `Debug`.
#[derive(Clone, Default)]
pub struct Members(HashMap<String, Json>);

impl Members {
    /// From a JSON body; an empty one has no members.
    ///
    /// Errors if it is not JSON, or not an object.
    pub fn from_json(body: &[u8]) -> Result<Self, serde_json::Error> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        if body.trim_ascii().is_empty() { Ok(Self::default()) } else { serde_json::from_slice(body) }
    }

    /// Lays `pairs` over the members; empty values are skipped.
    pub fn lay_over(&mut self, pairs: Vec<(String, String)>) {
        let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        self.0.extend(filled.map(|(name, value)| (key(&name), Json::String(value))));
    }

    /// The member `name`; `None` if it is absent, null or empty.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(&key(name)).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }
}

/// The pairs of a query string or of a form body (`application/x-www-form-urlencoded`). Never fails:
/// bytes that are not UTF-8 are replaced.
pub fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    let pairs = encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    pairs.map(pair).collect()
}

fn pair(encoded: &[u8]) -> (String, String) {
    let equals = encoded.iter().position(|byte| *byte == b'=').unwrap_or(encoded.len());
    let (name, value) = encoded.split_at(equals);
    (decoded(name), decoded(value.get(1..).unwrap_or_default()))
}

fn decoded(text: &[u8]) -> String {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the members of the request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = HashMap::new();
        while let Some((name, value)) = map.next_entry::<String, Json>()? {
            members.insert(key(&name), value);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_either_case_and_the_last_of_two_counts() {
        let members = Members::from_json(br#"{"page":1,"PAGE":2,"Page":3}"#).unwrap();
        assert_eq!(members.get("Page"), Some(&Json::from(3)));
    }

    #[test]
    fn null_and_empty_members_are_absent() {
        let members = Members::from_json(br#"{"StartDate":null,"EndDate":""}"#).unwrap();
        assert_eq!((members.get("StartDate"), members.get("EndDate")), (None, None));
    }

    #[test]
    fn an_empty_body_has_no_members() {
        assert!(Members::from_json(b" \r\n").unwrap().0.is_empty());
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        assert!(Members::from_json(b"\xEF\xBB\xBF{\"Page\":1}").unwrap().get("page").is_some());
    }

    #[test]
    fn pairs_are_percent_decoded_and_plus_is_a_blank() {
        let expected = [("A b", "c=d&"), ("e", ""), ("", "f"), ("g", "\u{fffd}")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs(b"A+b=c%3Dd%26&e&&=f&g=%FF"), expected);
    }

    #[test]
    fn filled_pairs_replace_members_and_empty_ones_do_not() {
        let mut members = Members::from_json(br#"{"Page":1,"SortDir":"Desc"}"#).unwrap();
        members.lay_over(pairs(b"page=2&sortdir="));
        assert_eq!(members.get("Page"), Some(&Json::from("2")));
        assert_eq!(members.get("SortDir"), Some(&Json::from("Desc")));
    }
}
