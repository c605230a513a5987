//! The SIPp runner: every scenario against its counterpart.

use std::time::Duration;

use testkit::{
    rtp::{RtpEnd, RtpStream},
    sipp::{Direction, Sipp, SippOutcome, SippTransport},
};

/// SIPp counts its pauses in milliseconds.
const TICK: Duration = Duration::from_millis(2);
const RING: Duration = Duration::from_millis(60);
const TALK: Duration = Duration::from_millis(80);

/// Runs both to their end; the callee starts first.
async fn run(callee: Sipp, caller: Sipp) -> anyhow::Result<(SippOutcome, SippOutcome)> {
    let callee = callee.spawn().await?;
    let caller = caller.target(callee.address()).spawn().await?;
    tokio::try_join!(callee.wait(), caller.wait())
}

#[tokio::test]
async fn callers_meet_the_callees_that_they_expect() -> anyhow::Result<()> {
    let pairs = [
        ("uac-answered", "uas-answer"),
        ("uac-wait-bye", "uas-answer-then-bye"),
        ("uac-talk", "uas-answer-then-bye"),
        ("uac-talk", "uas-hold-then-bye"),
        ("uac-answered", "uas-talk"),
        ("uac-expect-486", "uas-busy"),
        ("uac-expect-503", "uas-503"),
        ("uac-expect-603", "uas-decline"),
        ("uac-cancel", "uas-no-answer"),
        ("uac-answered", "uas-challenge"),
        ("uac-register", "uas-registrar"),
    ];
    for (caller, callee) in pairs {
        let (taken, placed) =
            run(Sipp::scenario(callee).ring(RING), Sipp::scenario(caller).ring(RING)).await?;
        for statistics in [taken.statistics, placed.statistics] {
            assert_eq!((statistics.successful, statistics.failed), (1, 0), "{caller} to {callee}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn wrong_passwords_are_refused() -> anyhow::Result<()> {
    let pairs = [
        ("uac-wrong-password-expect-403-or-401", "uas-challenge"),
        ("uac-register-wrong-password-expect-403-or-401", "uas-registrar"),
    ];
    for (caller, callee) in pairs {
        let caller = Sipp::scenario(caller).credentials("anna", "wrong");
        let (_, placed) = run(Sipp::scenario(callee).credentials("anna", "right"), caller).await?;
        assert!(placed.messages.first(Direction::Received, "SIP/2.0 403").is_some());
    }
    Ok(())
}

#[tokio::test]
async fn a_callee_that_does_otherwise_fails_the_run_with_its_messages() -> anyhow::Result<()> {
    let failed =
        run(Sipp::scenario("uas-busy"), Sipp::scenario("uac-answered")).await.unwrap_err().to_string();
    assert!(failed.contains("uac-answered failed") && failed.contains("486 Busy Here"), "{failed}");
    Ok(())
}

#[tokio::test]
async fn a_run_that_cannot_end_is_ended_by_its_limit() -> anyhow::Result<()> {
    let lonely = Sipp::scenario("uas-answer").time_limit(Duration::from_secs(1)).spawn().await?;
    assert!(lonely.wait().await.is_err());
    Ok(())
}

#[tokio::test]
async fn times_are_seen_on_both_sides() -> anyhow::Result<()> {
    let caller = Sipp::scenario("uac-answered").talk(TALK).calling("1002").key("caller", "1001");
    let (taken, placed) = run(Sipp::scenario("uas-answer").ring(RING), caller).await?;
    let at = |outcome: &SippOutcome, direction, start| outcome.messages.first(direction, start).unwrap().at;
    let (ringing, answered) = ("SIP/2.0 180", "SIP/2.0 200");
    let rang = at(&taken, Direction::Sent, answered).since(at(&taken, Direction::Sent, ringing));
    let talked = at(&placed, Direction::Sent, "BYE").since(at(&placed, Direction::Received, answered));
    assert!(rang + TICK >= RING && talked + TICK >= TALK, "{rang:?} {talked:?}");
    assert!(at(&placed, Direction::Received, ringing) < at(&placed, Direction::Received, answered));
    let invite = taken.messages.first(Direction::Received, "INVITE").unwrap();
    assert!(invite.first_line().starts_with("INVITE sip:1002@127.0.0.1"));
    assert!(invite.header("From").unwrap().contains("sip:1001@"));
    Ok(())
}

#[tokio::test]
async fn many_calls_run_over_tcp_with_rows_of_their_own() -> anyhow::Result<()> {
    let callee = Sipp::scenario("uas-answer").transport(SippTransport::Tcp).calls(20).without_messages();
    let caller = Sipp::scenario("uac-answered").transport(SippTransport::Tcp).calls(20).rate(200);
    let (taken, placed) = run(callee, caller.rows([&["1001"][..], &["1002"]])).await?;
    assert_eq!((taken.statistics.successful, placed.statistics.successful), (20, 20));
    assert!(taken.messages.0.is_empty());
    Ok(())
}

#[tokio::test]
async fn audio_goes_where_the_session_descriptions_say() -> anyhow::Result<()> {
    let local = "127.0.0.1".parse()?;
    let (here, there) = (RtpEnd::bind(local).await?, RtpEnd::bind(local).await?);
    let callee = Sipp::scenario("uas-answer").audio(there.address());
    let (_, placed) = run(callee, Sipp::scenario("uac-answered").audio(here.address())).await?;
    let answer = placed.messages.first(Direction::Received, "SIP/2.0 200").unwrap();
    assert_eq!(answer.audio()?, there.address());
    let stream = RtpStream { ssrc: 1 };
    here.say(stream, answer.audio()?, 0, 3, Duration::from_millis(1)).await?;
    assert!(there.hear(stream, 3, Duration::from_secs(5)).await?.is_exactly(0, 3));
    Ok(())
}

#[tokio::test]
async fn an_unknown_scenario_is_named() {
    let error = Sipp::scenario("uac-juggles").spawn().await.unwrap_err();
    assert_eq!(error.to_string(), "no scenario `uac-juggles`");
}
