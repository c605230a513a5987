//! What is read is read as second implementations read it: `ezk-sip-types` for URIs and From, `sdp-types` for
//! session descriptions.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use bytesstr::BytesStr;
use ezk_sip_types::{
    header::{HeaderParse, typed::FromTo},
    host::Host as SecondHost,
    uri::{SipUri, SipUriUserPart},
};
use proptest::prelude::*;
use sip::{Host, NameAddr, Uri, escape::decode, sdp::Description};

/// User, host and port of a URI.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    user: String,
    host: String,
    port: Option<u16>,
}

fn ours(text: &str) -> Option<Place> {
    let Uri::Sip(uri) = Uri::parse(text)? else { return None };
    let host = match uri.host.host {
        Host::Name(name) => name.to_owned(),
        Host::Address(address) => address.to_string(),
    };
    let user = decode(uri.user.unwrap_or_default()).into_owned();
    Some(Place { user, host, port: uri.host.port })
}

fn second(text: &str) -> Option<Place> {
    let uri: SipUri = text.parse().ok()?;
    let user = match uri.user_part {
        SipUriUserPart::Empty => String::new(),
        SipUriUserPart::User(user) => user.to_string(),
        SipUriUserPart::UserPw(both) => both.user.to_string(),
    };
    let host = match uri.host_port.host {
        SecondHost::Name(name) => name.to_string(),
        SecondHost::IP4(address) => address.to_string(),
        SecondHost::IP6(address) => address.to_string(),
    };
    Some(Place { user, host, port: uri.host_port.port })
}

fn user() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9][-a-z0-9_.!~*'()&=+$,;?/]{0,12}",
        r"\+[0-9]{1,15}(;npdi)?(;rn=\+[0-9]{1,12})?(;cpc=ordinary)?",
        "[0-9]{1,8};phone-context=[+][0-9]{1,4}",
        "(%[2-7][0-9A-E]){1,4}",
    ]
}

fn host() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9]{0,8}(\\.[a-z]{1,5}){0,2}",
        any::<std::net::Ipv4Addr>().prop_map(|address| address.to_string()),
        any::<std::net::Ipv6Addr>().prop_map(|address| format!("[{address}]")),
    ]
}

prop_compose! {
    fn uri()(
        scheme in "sips?",
        user in prop::option::of(user()),
        host in host(),
        port in prop::option::of(1u16..),
        params in prop::collection::vec("[a-z]{1,6}(=[a-z0-9]{1,6})?", 0..3),
        headers in prop::option::of("[A-Z][a-z]{1,6}=[a-z0-9%]{0}[a-z0-9]{1,6}"),
    ) -> String {
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let params: String = params.iter().map(|param| format!(";{param}")).collect();
        let headers = headers.map(|headers| format!("?{headers}")).unwrap_or_default();
        format!("{scheme}:{user}{host}{port}{params}{headers}")
    }
}

/// A text with one sign changed, left out or put in.
fn broken(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (text, any::<prop::sample::Index>(), any::<char>(), 0..3).prop_map(|(text, at, sign, kind)| {
        let mut signs: Vec<_> = text.chars().collect();
        let at = at.index(signs.len().max(1));
        match kind {
            0 if !signs.is_empty() => signs[at] = sign,
            1 if !signs.is_empty() => drop(signs.remove(at)),
            _ => signs.insert(at.min(signs.len()), sign),
        }
        signs.into_iter().collect()
    })
}

/// The tag of a From value, by the second implementation.
fn second_tag(text: &str) -> Option<String> {
    let text = BytesStr::from(text);
    let (rest, from) = FromTo::parse(text.as_ref(), &text).ok()?;
    rest.is_empty().then_some(from.tag)?.map(|tag| tag.to_string())
}

prop_compose! {
    fn from()(
        name in prop_oneof![Just(String::new()), Just("Ann ".to_owned()), "\"[A-Za-z0-9 ,;<>=.]{1,10}\" "],
        uri in uri(),
        before in prop::collection::vec("[a-su-z]{1,5}(=[a-z0-9]{1,5}|=\"[a-z0-9;=,]{1,9}\")?", 0..3),
        tag in prop::option::of("[a-z0-9.-]{1,10}"),
    ) -> (String, Option<String>) {
        let params: String = before.iter().map(|param| format!(";{param}")).collect();
        let end = tag.as_ref().map(|tag| format!(";tag={tag}")).unwrap_or_default();
        (format!("{name}<{uri}>{params}{end}"), tag)
    }
}

prop_compose! {
    fn description()(
        user in "[a-z0-9-]{1,8}",
        session in any::<u32>(),
        address in any::<std::net::Ipv4Addr>().prop_filter("a single host", |address| !address.is_multicast()),
        media in prop::collection::vec((0u16.., prop::collection::vec(0u8..128, 1..4), any::<bool>()), 1..4),
    ) -> String {
        let mut text = format!("v=0\r\no={user} {session} 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n");
        for (port, formats, is_audio) in media {
            let formats: Vec<_> = formats.iter().map(u8::to_string).collect();
            let kind = if is_audio { "audio" } else { "video" };
            text += &format!("m={kind} {port} RTP/AVP {}\r\na=sendrecv\r\n", formats.join(" "));
        }
        text
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_uri_is_read_alike(text in uri()) {
        prop_assert_eq!(ours(&text), second(&text), "{}", text);
        prop_assert!(ours(&text).is_some(), "{}", text);
    }

    #[test]
    fn what_both_take_of_a_broken_uri_is_the_same(text in broken(uri())) {
        if let (Some(ours), Some(second)) = (ours(&text), second(&text)) {
            prop_assert_eq!(ours, second, "{}", text);
        }
    }

    #[test]
    fn a_tag_is_read_alike((text, tag) in from()) {
        let ours = NameAddr::parse(&text).and_then(|from| from.param("tag").map(str::to_owned));
        prop_assert_eq!(&ours, &tag, "{}", text);
        prop_assert_eq!(&ours, &second_tag(&text), "{}", text);
    }

    #[test]
    fn a_plain_from_has_the_tag_that_the_stack_finds(uri in "sip:[a-z0-9]{1,8}@[a-z]{1,8}", tag in "[a-z0-9]{1,9}") {
        let text = format!("<{uri}>;x=y;tag={tag}");
        let stack = rsipstack::sip::headers::From::new(text.as_str()).tag().ok().flatten().map(|tag| tag.to_string());
        let ours = NameAddr::parse(&text).and_then(|from| from.param("tag").map(str::to_owned));
        prop_assert_eq!(ours, stack);
    }

    #[test]
    fn a_description_has_the_same_streams(text in description()) {
        let ours = Description::parse(text.as_bytes()).unwrap();
        let second = sdp_types::Session::parse(text.as_bytes()).unwrap();
        let ports: Vec<_> = ours.media().iter().map(|media| media.receives_at.map_or(0, |place| place.port)).collect();
        let expected: Vec<_> = second.medias.iter().map(|media| media.port).collect();
        prop_assert_eq!(ports, expected, "{}", text);
        let kinds: Vec<_> = ours.media().iter().map(|media| media.is_audio).collect();
        let expected: Vec<_> = second.medias.iter().map(|media| media.media == "audio").collect();
        prop_assert_eq!(kinds, expected, "{}", text);
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), uri in broken(uri()), from in from()) {
        sip::fuzzing::text(&bytes);
        sip::fuzzing::text(uri.as_bytes());
        sip::fuzzing::text(from.0.as_bytes());
    }
}
