//! Session descriptions read, rewritten and refused.

use super::*;

const OFFER: &str = "v=0\r\n\
    o=anna 2890844526 2890844527 IN IP4 192.0.2.10\r\n\
    s=- \r\n\
    c=IN IP4 192.0.2.10\r\n\
    t=0 0\r\n\
    m=audio 49170 RTP/AVP 0 8 101\r\n\
    a=rtpmap:0 PCMU/8000\r\n\
    a=candidate:1 1 UDP 2130706431 10.0.0.1 8998 typ host\r\n\
    a=ice-ufrag:8hhY\r\n\
    a=x-odd:\t keeps  its   blanks \r\n\
    a=sendrecv\r\n";

const RELAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 5));
const PORTS: Option<Ports> = Some(Ports { rtp: 20_000, rtcp: 20_001 });

fn parse(text: &str) -> Result<Vec<Media>, SdpError> {
    Description::parse(text.as_bytes()).map(|description| description.media)
}

fn rewrite(text: &str, ports: &[Option<Ports>]) -> String {
    let description = Description::parse(text.as_bytes()).unwrap();
    String::from_utf8(description.rewrite(RELAY, ports)).unwrap()
}

fn at(address: &str) -> Option<Place> {
    let address: SocketAddr = address.parse().unwrap();
    Some(Place { ip: Some(address.ip()), port: address.port() })
}

#[test]
fn the_address_comes_from_the_session_or_from_the_stream() {
    let media = parse(OFFER).unwrap();
    assert_eq!(media[0].receives_at, at("192.0.2.10:49170"));
    assert_eq!(media[0].control_at, at("192.0.2.10:49171"));
    assert!(media[0].is_audio && media[0].is_relayable);

    let own = OFFER.replace("a=sendrecv\r\n", "c=IN IP6 2001:db8::1\r\na=rtcp:50000\r\n");
    let media = parse(&own).unwrap();
    assert_eq!(media[0].receives_at, at("[2001:db8::1]:49170"));
    assert_eq!(media[0].control_at, at("[2001:db8::1]:50000"));
}

#[test]
fn only_addresses_ports_and_ice_change_and_every_other_byte_stays() {
    let expected = OFFER
        .replace("192.0.2.10", "203.0.113.5")
        .replace("49170", "20000")
        .replace("a=candidate:1 1 UDP 2130706431 10.0.0.1 8998 typ host\r\n", "")
        .replace("a=ice-ufrag:8hhY\r\n", "");
    assert_eq!(rewrite(OFFER, &[PORTS]), expected);
}

#[test]
fn line_ends_and_odd_bytes_stay_as_they_are() {
    let text =
        b"v=0\no=- 1 1 IN IP4 192.0.2.1\ns=\xff\xfe\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\r\n\na=x";
    let written = Description::parse(text).unwrap().rewrite(RELAY, &[PORTS]);
    let expected = b"v=0\no=- 1 1 IN IP4 203.0.113.5\ns=\xff\xfe\nc=IN IP4 203.0.113.5\nm=audio 20000 RTP/AVP 0\r\n\na=x";
    assert_eq!(written, expected);
}

#[test]
fn the_rtcp_attribute_gets_the_relays_port_and_address() {
    let with = |rtcp: &str| OFFER.replace("a=sendrecv", rtcp);
    let lines = |rtcp: &str| rewrite(&with(rtcp), &[PORTS]);
    assert!(lines("a=rtcp:53020").contains("a=rtcp:20001\r\n"));
    assert!(lines("a=rtcp:53020 IN IP4 192.0.2.99").contains("a=rtcp:20001 IN IP4 203.0.113.5\r\n"));
    assert!(lines("a=rtcp:49170\r\na=rtcp-mux").contains("a=rtcp:20000\r\na=rtcp-mux\r\n"));
}

#[test]
fn a_hold_by_address_and_the_direction_attributes_pass_through() {
    let held = OFFER.replace("c=IN IP4 192.0.2.10", "c=IN IP4 0.0.0.0").replace("sendrecv", "inactive");
    let written = rewrite(&held, &[PORTS]);
    assert!(written.contains("c=IN IP4 0.0.0.0\r\n") && written.contains("a=inactive\r\n"));
    assert!(written.contains("m=audio 20000 "));
    assert!(parse(&held).unwrap()[0].receives_at.unwrap().ip.unwrap().is_unspecified());
}

#[test]
fn streams_without_ports_are_refused_and_refused_ones_stay_so() {
    let text = format!("{OFFER}m=video 5000 RTP/AVP 96\r\nm=text 0 RTP/AVP 98\r\nm=message 9 TCP/MSRP *\r\n");
    let written = rewrite(&text, &[PORTS, None, PORTS, None]);
    for line in ["m=audio 20000 ", "m=video 0 RTP/AVP 96\r\n", "m=text 0 RTP", "m=message 0 TCP/MSRP *\r\n"] {
        assert!(written.contains(line), "{line} in {written}");
    }
}

#[test]
fn what_cannot_be_relayed_is_told_apart() {
    let relayable =
        |line: &str| parse(&OFFER.replace("m=audio 49170 RTP/AVP 0 8 101", line)).unwrap()[0].clone();
    for line in ["m=audio 4 RTP/SAVPF 0", "m=video 4/1 UDP/TLS/RTP/SAVPF 96", "m=image 4 udptl t38"] {
        assert!(relayable(line).is_relayable, "{line}");
    }
    for line in ["m=audio 4/2 RTP/AVP 0", "m=message 4 TCP/MSRP *", "m=audio 4 TCP/RTP/AVP 0"] {
        assert!(!relayable(line).is_relayable, "{line}");
    }
}

#[test]
fn what_is_encrypted_is_told_apart_by_its_protocol() {
    let secured = |protocol: &str| parse(&OFFER.replace("RTP/AVP", protocol)).unwrap()[0].is_secured;
    for protocol in ["RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF", "udp/tls/rtp/savpf"] {
        assert!(secured(protocol), "{protocol}");
    }
    for protocol in ["RTP/AVP", "RTP/AVPF", "TCP/RTP/AVP"] {
        assert!(!secured(protocol), "{protocol}");
    }
}

#[test]
fn the_relays_address_may_be_of_the_other_family() {
    let description = Description::parse(OFFER.as_bytes()).unwrap();
    let written = description.rewrite("2001:db8::5".parse().unwrap(), &[PORTS]);
    assert!(String::from_utf8(written).unwrap().contains("c=IN IP6 2001:db8::5\r\n"));
}

#[test]
fn a_host_may_be_named_and_a_user_may_have_blanks() {
    let odd = OFFER.replace("o=anna ", "o=Anna of Sales  ").replace("192.0.2.10", "media.example.org");
    let media = parse(&odd).unwrap();
    assert_eq!(media[0].receives_at, Some(Place { ip: None, port: 49170 }));
    assert_eq!(media[0].control_at.unwrap().of(RELAY), SocketAddr::new(RELAY, 49171));
    let written = rewrite(&odd, &[PORTS]);
    assert!(written.contains("o=Anna-of-Sales 2890844526 2890844527 IN IP4 203.0.113.5\r\n"), "{written}");
    assert!(written.contains("c=IN IP4 203.0.113.5\r\n"), "{written}");
}

#[test]
fn malformed_descriptions_are_refused_with_the_line() {
    let cases = [
        ("", 1),
        ("v=1\r\n", 1),
        ("hello", 1),
        ("v=0\r\nno letter\r\n", 2),
        ("v=0\r\no=- 1 1 IN IP4\r\n", 2),
        ("v=0\r\no=- 1 IN IP4 192.0.2.1\r\n", 2),
        ("v=0\r\nc=IN IP4 host..\r\n", 2),
        ("v=0\r\nc=IN IP4 192.0.2.300\r\n", 2),
        ("v=0\r\nc=IN IP4 a@b\r\n", 2),
        ("v=0\r\nc=IN IP4 2001:db8::1\r\n", 2),
        ("v=0\r\nc=IN IP4 224.2.1.1/127\r\n", 2),
        ("v=0\r\ns=-\r\nm=audio 4000 RTP/AVP 0\r\n", 3),
        ("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 65536 RTP/AVP 0\r\n", 3),
        ("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio\r\n", 3),
        ("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP\r\n", 3),
        ("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na=rtcp:x\r\n", 4),
    ];
    for (text, line) in cases {
        assert_eq!(parse(text).unwrap_err().line, line, "{text:?}");
    }
}

#[test]
fn no_cut_or_flipped_byte_makes_it_panic() {
    for end in 0..OFFER.len() {
        _ = Description::parse(&OFFER.as_bytes()[..end]);
        for value in [0, b' ', b'=', b'\n', 0xff] {
            let mut text = OFFER.as_bytes().to_vec();
            text[end] = value;
            if let Ok(description) = Description::parse(&text) {
                description.rewrite(RELAY, &[PORTS]);
            }
        }
    }
}
