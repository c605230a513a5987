//! Where calls go, what they cost, and which trunk they come from.

use call::{TrunkId, party::Transport};
use directory::{
    Snapshot,
    routing::{Destination, Unroutable, Via},
};

use crate::fixture::{NOW, SMALL, number, owner, small_and, small_with, snapshot};

/// Where a call of the account goes: `1001@10`, or each trunk with the number that it gets.
fn goes(snapshot: &Snapshot, account: u32, via: Via, dialed: &str) -> String {
    match snapshot.route(owner(snapshot, account), via, &number(dialed), NOW) {
        Err(Unroutable::Unknown) => "nowhere".to_owned(),
        Err(Unroutable::Refused(_)) => "refused".to_owned(),
        Ok(Destination::Phones { owner, extension, .. }) => format!("{extension}@{}", owner.account),
        Ok(Destination::Trunks(hops)) => {
            let hops = hops.iter().map(|hop| format!("{}:{}", name(snapshot, hop.trunk), hop.called));
            hops.collect::<Vec<_>>().join(" ")
        }
    }
}

fn name(snapshot: &Snapshot, trunk: TrunkId) -> &str {
    &snapshot.trunk(trunk).expect("the trunk is there").name
}

fn via(snapshot: &Snapshot, name: &str) -> Via {
    let trunk = snapshot.entries().trunks.iter().find(|trunk| &*trunk.name == name);
    Via::Trunk(trunk.expect("the trunk is there").id)
}

/// A trunk of the carrier, as text of a file.
fn trunk(name: &str, fields: &str, routes: &[&str]) -> String {
    let routes: String = routes.iter().map(|fields| format!("[[trunks.routes]]\n{fields}\n")).collect();
    format!("[[trunks]]\nname = \"{name}\"\naccount = 90\nhost = \"{name}.example\"\n{fields}\n{routes}\n")
}

/// The small directory with these trunks instead of its own.
fn with_trunks(trunks: &[String]) -> String {
    let (before, rest) = SMALL.split_once("[[trunks]]").expect("it has a trunk");
    let (_, rates) = rest.split_once("[[rateplans]]").expect("it has rates");
    format!("{before}{}\n[[rateplans]]{rates}", trunks.concat())
}

#[test]
fn an_extension_rings_all_its_phones() {
    let snapshot = snapshot(SMALL);
    let found = snapshot.route(owner(&snapshot, 10), Via::Device(None), &number("1001"), NOW).unwrap();
    let expected = Destination::Phones {
        owner: owner(&snapshot, 10),
        extension: number("1001"),
        devices: vec![snapshot.device_by_sip_user("acme-1").unwrap().id],
        screen_pop: None,
    };
    assert!(found == expected);
}

#[test]
fn an_extension_is_dialed_inside_its_account_only() {
    let snapshot = snapshot(&with_trunks(&[trunk("west", "", &["prefix = \"49\""])]));
    assert_eq!(goes(&snapshot, 10, Via::Device(None), "1001"), "1001@10");
    assert_eq!(goes(&snapshot, 20, Via::Device(None), "1001"), "nowhere");
    assert_eq!(goes(&snapshot, 10, Via::Device(None), "2001"), "nowhere");
    assert_eq!(goes(&snapshot, 90, via(&snapshot, "west"), "1001"), "nowhere");
    assert_eq!(goes(&snapshot, 10, via(&snapshot, "west"), "1001"), "nowhere");
}

#[test]
fn an_owned_number_rings_its_extension_with_and_without_plus_and_separators() {
    let snapshot = snapshot(SMALL);
    for dialed in ["+493012345678", "493012345678", "+49 30 1234-5678", "+49 (30) 1234.5678"] {
        assert_eq!(goes(&snapshot, 20, Via::Device(None), dialed), "1001@10");
        assert_eq!(goes(&snapshot, 90, via(&snapshot, "west"), dialed), "1001@10");
    }
    let found =
        snapshot.route(owner(&snapshot, 20), Via::Device(None), &number("+493012345678"), NOW).unwrap();
    let Destination::Phones { screen_pop, .. } = found else { panic!("it rings phones") };
    assert_eq!(screen_pop.as_deref(), Some("Acme, hello"));
}

#[test]
fn an_own_extension_goes_before_a_number_and_a_trunk() {
    let extension = "[[extensions]]\naccount = 20\nnumber = \"493012345678\"\n";
    let snapshot = snapshot(&small_and(extension));
    assert_eq!(goes(&snapshot, 20, Via::Device(None), "493012345678"), "493012345678@20");
    assert_eq!(goes(&snapshot, 20, Via::Device(None), "+493012345678"), "1001@10");
    assert_eq!(goes(&snapshot, 10, Via::Device(None), "493012345678"), "1001@10");
}

#[test]
fn the_longest_prefix_is_tried_first_then_the_next() {
    let trunks = [
        trunk("any", "", &["prefix = \"\""]),
        trunk("germany", "", &["prefix = \"49\""]),
        trunk("berlin", "", &["prefix = \"4930\"", "prefix = \"\""]),
        trunk("france", "", &["prefix = \"33\""]),
    ];
    let snapshot = snapshot(&with_trunks(&trunks));
    let goes = |dialed| goes(&snapshot, 10, Via::Device(None), dialed);
    assert_eq!(goes("+4930999"), "berlin:+4930999 germany:+4930999 any:+4930999");
    assert_eq!(goes("4989999"), "germany:4989999 any:4989999 berlin:4989999");
    assert_eq!(goes("331"), "france:331 any:331 berlin:331");
    assert_eq!(goes("4"), "any:4 berlin:4");
}

#[test]
fn between_equal_prefixes_priority_decides_and_then_the_older_trunk() {
    let trunks = [
        trunk("third", "", &["prefix = \"49\"\npriority = 5"]),
        trunk("fourth", "", &["prefix = \"49\"\npriority = 5"]),
        trunk("first", "", &["prefix = \"49\""]),
        trunk("second", "", &["prefix = \"49\"\npriority = 1"]),
    ];
    let snapshot = snapshot(&with_trunks(&trunks));
    assert_eq!(goes(&snapshot, 10, Via::Device(None), "49"), "first:49 second:49 third:49 fourth:49");
}

#[test]
fn a_route_strips_and_prepends_digits() {
    let called = |route: &str, dialed: &str| {
        let snapshot = snapshot(&with_trunks(&[trunk("west", "", &[&format!("prefix = \"\"\n{route}")])]));
        goes(&snapshot, 10, Via::Device(None), dialed)
    };
    assert_eq!(called("", "+49 30-123"), "west:+4930123");
    assert_eq!(called("strip = 2", "+4930123"), "west:30123");
    assert_eq!(called("prepend = \"00\"", "+4930123"), "west:004930123");
    assert_eq!(called("strip = 2\nprepend = \"0\"", "4930123"), "west:030123");
    assert_eq!(called("prepend = \"+\"", "4930123"), "west:+4930123");
    assert_eq!(called("strip = 3", "493"), "nowhere");
    assert_eq!(called("strip = 24", "493"), "nowhere");
}

#[test]
fn what_is_no_number_goes_to_no_trunk() {
    let snapshot = snapshot(SMALL);
    for dialed in ["", "+", "*97", "ann", "+49x", "４９", "-"] {
        assert_eq!(goes(&snapshot, 10, Via::Device(None), dialed), "nowhere", "{dialed}");
    }
}

#[test]
fn a_trunk_serves_the_listed_customers_alone() {
    let trunks = [
        trunk("acmes", "customers = [\"acme\"]", &["prefix = \"\""]),
        trunk("everybodys", "", &["prefix = \"\"\npriority = 1"]),
    ];
    let snapshot = snapshot(&with_trunks(&trunks));
    assert_eq!(goes(&snapshot, 10, Via::Device(None), "49"), "acmes:49 everybodys:49");
    assert_eq!(goes(&snapshot, 20, Via::Device(None), "49"), "everybodys:49");
}

#[test]
fn a_call_from_a_trunk_leaves_by_another_only_if_transit_is_allowed() {
    let routes = ["prefix = \"\""];
    let trunks = [
        trunk("closed", "sources = [\"192.0.2.1\"]", &routes),
        trunk("open", "transit = true", &routes),
        trunk("acmes", "transit = true\ncustomers = [\"acme\"]", &routes),
    ];
    let snapshot = snapshot(&with_trunks(&trunks));
    assert_eq!(goes(&snapshot, 90, via(&snapshot, "closed"), "4930999"), "nowhere");
    assert_eq!(goes(&snapshot, 90, via(&snapshot, "open"), "4930999"), "closed:4930999");
    assert_eq!(goes(&snapshot, 90, Via::Trunk(TrunkId(77)), "4930999"), "nowhere");
}

#[test]
fn a_trunk_is_known_by_its_source_the_port_before_the_smaller_network_and_by_what_carries_its_calls() {
    let sources = |list: &str| format!("sources = [{list}]");
    let trunks = [
        trunk("wide", &sources("\"192.0.0.0/16\", \"2001:db8::/32\""), &[]),
        trunk("narrow", &sources("\"192.0.2.0/24\""), &[]),
        trunk("address", &sources("\"192.0.2.7\""), &[]),
        trunk("secured", "sources = [\"192.0.2.9\"]\naccepted_transports = [\"tls\"]", &[]),
        trunk("port", &sources("\"192.0.2.7:5070\", \"[2001:db8::7]:5070\""), &[]),
    ];
    let snapshot = snapshot(&with_trunks(&trunks));
    let from = |ip: &str, port| {
        let ip = ip.parse().expect("the test gives an address");
        let trunk = snapshot.trunk_by_source(ip, port, Transport::Udp);
        trunk.map(|trunk| trunk.name.to_string())
    };
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(from("192.0.2.7", 5070), name("port"));
    assert_eq!(from("192.0.2.7", 5060), name("address"));
    assert_eq!(from("192.0.2.8", 5070), name("narrow"));
    assert_eq!(from("192.0.3.7", 5070), name("wide"));
    assert_eq!(from("192.1.0.1", 5060), None);
    assert_eq!(from("::ffff:192.0.2.7", 5060), name("address"));
    assert_eq!(from("2001:db8::7", 5070), name("port"));
    assert_eq!(from("2001:db8::7", 5060), name("wide"));
    assert_eq!(from("192.0.2.9", 5061), None, "not by UDP, and it is no other trunk's either");
    let secured = snapshot.trunk_by_source([192, 0, 2, 9].into(), 5061, Transport::Tls);
    assert_eq!(secured.map(|trunk| &*trunk.name), Some("secured"));
}

#[test]
fn what_routing_found_says_countries_and_both_rates() {
    let paid = "[[rateplans]]\nname = \"carrier\"\n[[rateplans.rates]]\nprefix = \"\"\ninitial_interval = 1\n\
                initial_rate = \"0.005\"\n";
    let uses = "id = 90\nbilling = { termination_rateplan = \"carrier\" }\n";
    let snapshot = snapshot(&small_and(paid).replace("id = 90\n", uses));
    let (acme, carrier) = (owner(&snapshot, 10), owner(&snapshot, 90));
    let routed = snapshot.routed(
        (acme, Some(carrier)),
        NOW,
        &number("+1 (415) 555-0199"),
        &number("+49 30 999"),
        None,
    );
    assert_eq!((routed.caller.as_str(), routed.called.as_str()), ("+14155550199", "+4930999"));
    assert_eq!((routed.caller_country, routed.called_country), (Some(840), Some(276)));
    assert_eq!(routed.origination_rate.unwrap().prefix, "49");
    assert_eq!(routed.termination_rate.unwrap().initial_rate.to_string(), "0.005");
    assert_eq!(routed.termination, Some(carrier));
}

#[test]
fn a_call_inside_an_account_has_no_country_and_no_rates() {
    let snapshot = snapshot(&small_with("prefix = \"49\"", "prefix = \"\""));
    let acme = owner(&snapshot, 10);
    let routed = snapshot.routed((acme, Some(acme)), NOW, &number("1002"), &number("1001"), None);
    assert_eq!((routed.caller_country, routed.called_country), (None, None));
    assert!(routed.origination_rate.is_none() && routed.termination_rate.is_none());
}

/// The small directory, whose account 10 pays by this rate, and whose carrier is paid by this one.
fn with_rates(paid: &str, earned: &str) -> String {
    let plan = |name: &str, rate: &str| {
        format!(
            "[[rateplans]]\nname = \"{name}\"\n[[rateplans.rates]]\ninitial_interval = 1\ninitial_rate = \"1\"\n{rate}\n"
        )
    };
    let uses = "id = 90\nbilling = { termination_rateplan = \"b\" }\n";
    let text = small_and(&(plan("a", paid) + &plan("b", earned)));
    text.replace("= \"retail\" }", "= \"a\" }").replace("id = 90\n", uses)
}

#[test]
fn a_call_that_the_caller_s_rate_rejects_is_refused_wherever_it_would_go() {
    let snapshot = snapshot(&with_rates("prefix = \"4930\"\nreject_calls = true", "prefix = \"\""));
    assert_eq!(goes(&snapshot, 10, Via::Device(None), "4930999"), "refused");
    assert_eq!(goes(&snapshot, 10, Via::Device(None), "+493012345678"), "refused");
    assert_eq!(goes(&snapshot, 10, Via::Device(None), "4989999"), "west:4989999");
    assert_eq!(goes(&snapshot, 10, Via::Device(None), "1001"), "1001@10");
    assert_eq!(goes(&snapshot, 20, Via::Device(None), "4930999"), "west:4930999");
}

#[test]
fn a_carrier_whose_rate_rejects_a_call_is_not_tried() {
    let snapshot = snapshot(&with_rates("prefix = \"\"", "prefix = \"4930\"\nreject_calls = true"));
    assert_eq!(goes(&snapshot, 10, Via::Device(None), "4930999"), "nowhere");
    assert_eq!(goes(&snapshot, 10, Via::Device(None), "4989999"), "west:4989999");
}

#[test]
fn a_call_that_costs_more_than_the_account_allows_is_refused() {
    let text = with_rates("prefix = \"\"\nnext_rate = \"2\"", "prefix = \"\"");
    let limit = |limit: &str| text.replace("= \"a\" }", &format!("= \"a\", max_rate = \"{limit}\" }}"));
    let call = |limit_text: &str| goes(&snapshot(&limit(limit_text)), 10, Via::Device(None), "4930999");
    assert_eq!([call("1.99"), call("2")], ["refused", "west:4930999"]);
}
