//! Trunks that are named.

use std::net::{Ipv4Addr, SocketAddr};

use crate::support::{
    Agent, Office,
    agent::SDP,
    name_server::{NAME, NameServer},
    office::SHORT,
};

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const THERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// An office that asks this name server, with a phone and a trunk that has a name.
async fn office(names: &NameServer) -> (Office, Agent, Agent) {
    let servers = vec![names.address];
    let office = Office::with(|config| {
        config.trunk_silence = SHORT;
        config.name_servers = servers;
    });
    let office = office.await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    office.change(|entries| entries.trunks[0].host = NAME.into());
    (office, a, carrier)
}

#[tokio::test]
async fn a_trunk_is_reached_by_its_name() {
    let names = NameServer::open(&[HERE], 60).await;
    let (_office, a, carrier) = office(&names).await;
    let _call = a.call("4155550123", SDP).await;
    let invite = carrier.expect("INVITE").await;
    assert!(invite.request_uri().contains(&format!("@{NAME}:")), "{}", invite.request_uri());
}

#[tokio::test]
async fn the_addresses_of_a_trunk_are_tried_in_turn() {
    let names = NameServer::open(&[THERE, HERE], 60).await;
    let (office, a, carrier) = office(&names).await;
    let next = office.trunk(2).await;
    let mut call = a.call("4155550123", SDP).await;
    carrier.answer(&carrier.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    carrier.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told.iter().filter(|line| line.starts_with("routed")).count(), 1, "{told:?}");
    assert_eq!(told.iter().filter(|line| line.contains("offered trunk1")).count(), 2, "{told:?}");
    assert!(next.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn addresses_are_asked_for_again_when_their_time_is_over_and_stay_while_nobody_tells() {
    let names = NameServer::open(&[HERE], 1).await;
    let (office, a, first) = office(&names).await;
    let elsewhere = SocketAddr::new(THERE.into(), first.address().port());
    let second = Agent::at(elsewhere, office.server, "second", "").await;
    let mut call = a.call("4155550123", SDP).await;
    first.answer(&first.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    names.change(Some((vec![THERE], 1)));
    // The query after one that was answered so shows that the answer has been taken in.
    names.asked().await;
    names.asked().await;
    names.asked().await;
    names.change(None);
    let mut call = a.call("4155550124", SDP).await;
    second.answer(&second.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    assert!(first.hears_nothing_for(SHORT).await);
}

#[tokio::test]
async fn a_trunk_without_a_port_of_its_own_is_where_its_service_is() {
    let names = NameServer::open(&[HERE], 60).await;
    let (office, a, carrier) = office(&names).await;
    let spare = Agent::new(office.server, "spare", "").await;
    names.offer(&[(20, carrier.address().port()), (10, spare.address().port())]);
    office.change(|entries| entries.trunks[0].port = 5060);
    let mut call = a.call("4155550123", SDP).await;
    // It says nothing, and the next one is asked.
    spare.expect("INVITE").await;
    carrier.answer(&carrier.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
}
