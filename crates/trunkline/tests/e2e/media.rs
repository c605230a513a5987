//! What is sent in at one side comes out at the other, unchanged.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use testkit::{
    rtp::{RtpEnd, RtpStream},
    sipp::{Direction, Sipp, SippRun},
};

use crate::{harness::wait_until, scene::Scene};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PACKETS: u32 = 100;
const PACE: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn sound_passes_both_ways_unchanged() {
    let scene = Scene::new();
    let (caller_end, callee_end) = (RtpEnd::bind(LOCAL).await.unwrap(), RtpEnd::bind(LOCAL).await.unwrap());
    let trunk = scene.first(Sipp::scenario("uas-answer").audio(callee_end.address())).await;
    let caller = scene.caller("uac-answered").audio(caller_end.address()).talk(Duration::from_secs(4));
    let caller = caller.spawn().await.unwrap();
    let talking = async || {
        caller.messages().unwrap().first(Direction::Sent, "ACK sip:").is_some() && has_answer(&caller)
    };
    wait_until("the call is answered", talking).await;

    let toward_caller_side = audio_in(&caller, "SIP/2.0 200");
    let toward_callee_side = audio_in(&trunk, "INVITE");
    assert_ne!(toward_caller_side, callee_end.address(), "the sound is anchored");
    let (from_caller, from_callee) = (RtpStream { ssrc: 0x1001 }, RtpStream { ssrc: 0x2002 });
    let said = async {
        let spoken = caller_end.say(from_caller, toward_caller_side, 0, PACKETS, PACE);
        let answered = callee_end.say(from_callee, toward_callee_side, 0, PACKETS, PACE);
        tokio::try_join!(spoken, answered).unwrap()
    };
    let heard = async {
        let by_callee = callee_end.hear(from_caller, PACKETS as usize, PATIENCE);
        let by_caller = caller_end.hear(from_callee, PACKETS as usize, PATIENCE);
        tokio::try_join!(by_callee, by_caller).unwrap()
    };
    let (_, (by_callee, by_caller)) = tokio::join!(said, heard);
    assert!(by_callee.is_exactly(0, PACKETS), "{by_callee:?}");
    assert!(by_caller.is_exactly(0, PACKETS), "{by_caller:?}");
    caller.wait().await.unwrap();
    trunk.wait().await.unwrap();
}

fn has_answer(run: &SippRun) -> bool {
    run.messages().unwrap().last(Direction::Received, "SIP/2.0 200").is_some()
}

fn audio_in(run: &SippRun, start: &str) -> std::net::SocketAddr {
    let messages = run.messages().unwrap();
    messages.last(Direction::Received, start).expect("such a message came").audio().unwrap()
}
