//! Pins what is written, byte for byte.

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, CallId, CenterId, CustomerId, DeviceId, EventKind, LegId, Timestamp, TrunkId, UserId,
    command::RecordingKind,
    encryption::{CryptoSuite, KeyExchange, MediaEncryption},
    event::{
        CallRouted, CallStarted, Digit, EndCause, LegDirection, LegEnd, LegOffer, LegRoute, Origin, Releaser,
        Side, SipStatus, TransferMode, TransferTarget,
    },
    party::{CallerIdentity, Endpoint, Owner, SipFacts, Transport},
    quality::{LegQuality, StreamQuality},
    rating::Rate,
    record::{
        Interaction, InteractionKind, LegFacts, LegRecord, Part, Recording, ReleasedBy, Times, Transfer,
        TransferredTo,
    },
    state::Sides,
};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::annotations::WorkEdit;

/// One event of each kind, one a line.
const EVENTS: &str = include_str!("pinned/events_v1.jsonl");
/// Changes of annotations, by each kind of author.
const ANNOTATION_CHANGES: &str = include_str!("pinned/annotation_changes_v1.jsonl");
/// A record with everything and one with as little as there can be, as older releases wrote them.
const RECORDS: &str = include_str!("pinned/records_v1.jsonl");
/// The same, as they are written now; each a line of hexadecimal digits.
const PACKED_RECORDS: &str = include_str!("pinned/records_v1.msgpack.hex");

const ADVICE: &str = "what is written for an event or a record has changed. Databases in the field hold the \
                      bytes of the pinned file, so they must stay readable: give a new field a `default` \
                      and leave the old names alone. If that holds, write the new bytes into the pinned \
                      file; if it cannot hold, write a version 2 beside version 1.";

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn call() -> CallId {
    CallId::from_uuid(uuid(1))
}

fn leg(number: u128) -> LegId {
    LegId::from_uuid(uuid(number))
}

fn owner(center: Option<CenterId>) -> Owner {
    Owner { customer: CustomerId(1), account: AccountId(2), center }
}

fn rate() -> Rate {
    Rate {
        prefix: "1415".into(),
        initial_interval: Duration::from_secs(30),
        initial_rate: Decimal::new(6, 1),
        next_interval: Duration::from_secs(6),
        next_rate: Decimal::new(3, 1),
        fee: Decimal::new(1, 2),
        attempt_fee: Decimal::ZERO,
        vat: Decimal::from(20),
    }
}

fn status() -> SipStatus {
    SipStatus { code: 486, reason: "Busy \"Here\"".into() }
}

fn sip() -> SipFacts {
    SipFacts {
        sip_call_id: "a@b".into(),
        local_tag: "tag".into(),
        address: "[2001:db8::1]:5060".parse().unwrap(),
        transport: Transport::Tls,
        user_agent: Some("phone/1.0".into()),
        from_domain: "from.example".into(),
        to_domain: "to.example".into(),
        ruri_domain: "ruri.example".into(),
        diversion: Some("<sip:1@d.example>".into()),
        identity: None,
    }
}

fn identity() -> Arc<CallerIdentity> {
    Arc::new(CallerIdentity {
        asserted: Some("<sip:+14155550100@a.example>".into()),
        preferred: Some("<sip:1001@p.example>".into()),
        privacy: Some("id".into()),
        remote_party: Some("<sip:1001@r.example>;privacy=full".into()),
        remote_party_privacy: Some("full".into()),
    })
}

fn kinds() -> Vec<EventKind> {
    let offer = LegOffer {
        side: Side::Termination,
        direction: LegDirection::Outgoing,
        owner: owner(None),
        endpoint: Endpoint::Trunk { id: TrunkId(4), name: "carrier".into() },
        from: "1001".into(),
        to: "+14155550199".into(),
        sip: Some(sip()),
        route: None,
    };
    let started = CallStarted {
        origination: owner(Some(CenterId(3))),
        origin: Origin::Invite,
        caller: "1001".into(),
        caller_name: Some("Zoë".into()),
        dialed: "0199".into(),
    };
    let routed = CallRouted {
        termination: Some(owner(None)),
        caller: "+14155550100".into(),
        called: "+14155550199".into(),
        caller_country: Some(840),
        called_country: Some(380),
        origination_rate: Some(rate()),
        termination_rate: Some(rate()),
        screen_pop: Some("Front desk".into()),
    };
    let route = LegRoute {
        sent_by: owner(Some(CenterId(3))),
        sender: Some(leg(2)),
        hunt: 1,
        attempt: 2,
        routed: Arc::new(CallRouted::new(Some(owner(None)), "1001".into(), "+14155550177".into())),
    };
    let identified = SipFacts { identity: Some(identity()), ..sip() };
    let sent_on = LegOffer { sip: Some(identified), route: Some(route.into()), ..offer.clone() };
    let target = TransferTarget { number: "1002".into(), name: Some("Bo".into()) };
    let end = LegEnd::new(Releaser::Party, EndCause::Busy, Some(status()));
    let reason = Some("Q.850;cause=17;text=\"User busy\"".into());
    let explained = LegEnd { reason, ..end.clone() };
    let measured = LegEnd { quality: Some(quality()), ..end.clone() };
    vec![
        EventKind::CallStarted(started.into()),
        EventKind::CallRouted(routed.into()),
        EventKind::LegOffered { leg: leg(2), offer: offer.into() },
        EventKind::LegRinging { leg: leg(2) },
        EventKind::LegAnswered { leg: leg(2), user_agent: Some("phone/1.0".into()) },
        EventKind::LegsBridged { a: leg(1), b: leg(2) },
        EventKind::LegHeld { leg: leg(2) },
        EventKind::LegResumed { leg: leg(2) },
        EventKind::TransferStarted { initiator: leg(2), target: target.into(), mode: TransferMode::Blind },
        EventKind::TransferCompleted { initiator: leg(2), recipient: leg(3) },
        EventKind::TransferFailed { initiator: leg(2) },
        EventKind::CallMerged { absorbed: CallId::from_uuid(uuid(9)) },
        EventKind::LegParked { leg: leg(2), slot: "701".into(), by: None },
        EventKind::LegRetrieved { leg: leg(2), by: leg(3) },
        EventKind::CallInterrupted,
        EventKind::LegEnded { leg: leg(2), end },
        EventKind::DigitReceived { leg: leg(2), digit: Digit('#') },
        EventKind::PlaybackStarted { leg: leg(2) },
        EventKind::PlaybackEnded { leg: leg(2) },
        EventKind::RecordingStarted { leg: leg(2), kind: RecordingKind::OnDemand, file: "a.wav".into() },
        EventKind::RecordingEnded { leg: leg(2) },
        EventKind::WorkEnded {
            leg: leg(2),
            of: CallId::from_uuid(uuid(9)),
            work: Duration::from_millis(45_500),
        },
        EventKind::LegEnded { leg: leg(2), end: explained },
        EventKind::LegOffered { leg: leg(4), offer: sent_on.into() },
        EventKind::LegParked { leg: leg(2), slot: "702".into(), by: Some(leg(3)) },
        EventKind::LegSecured {
            leg: leg(2),
            encryption: Some(MediaEncryption {
                exchange: KeyExchange::Sdes,
                suite: CryptoSuite::AesCm128HmacSha1_80,
            }),
        },
        EventKind::LegSecured { leg: leg(2), encryption: None },
        EventKind::LegEnded { leg: leg(2), end: measured },
    ]
}

fn quality() -> Arc<LegQuality> {
    let stream = |lost, jitter| StreamQuality { packets: 1_500, lost, jitter: Duration::from_micros(jitter) };
    let (received, sent) = (Some(stream(3, 812)), Some(stream(40, 6_250)));
    Arc::new(LegQuality { received, sent, round_trip: Some(Duration::from_millis(38)) })
}

fn events() -> Vec<CallEvent> {
    let at = |micros: i64| Timestamp::from_micros(1_767_268_800_000_000 + micros);
    let event = |(kind, micros)| CallEvent { call_id: call(), at: at(micros), kind };
    kinds().into_iter().zip(0..).map(event).collect()
}

fn records() -> Vec<CallRecord> {
    let at = |seconds: i64| Timestamp::from_seconds(1_767_268_800 + seconds);
    let facts = LegFacts {
        status: Some(status()),
        address: Some("192.0.2.1:5060".parse().unwrap()),
        transport: Some(Transport::Udp),
        user_agent: Some("phone/1.0".into()),
        sip_call_id: Some("a@b".into()),
        local_tag: Some("tag".into()),
        from_domain: Some("from.example".into()),
        to_domain: Some("to.example".into()),
        ruri_domain: Some("ruri.example".into()),
        diversion: Some("<sip:1@d.example>".into()),
        identity: None,
        quality: None,
    };
    let parked = Interaction {
        at: at(9),
        kind: InteractionKind::Parked,
        by: Some("Bo".into()),
        target: Some("701".into()),
    };
    let answering = LegRecord {
        leg_id: leg(2),
        owner: owner(None),
        side: Side::Termination,
        direction: LegDirection::Incoming,
        endpoint: Endpoint::Device { id: DeviceId(5), name: "Bo".into() },
        from: "1001".into(),
        to: "1002".into(),
        offered_at: at(0),
        ringing_at: Some(at(1)),
        answered_at: Some(at(2)),
        ended_at: at(20),
        cause: EndCause::Transferred,
        status: Some(status()),
        reason: None,
        encryption: None,
        quality: None,
    };
    let suite = CryptoSuite::AeadAes256Gcm;
    let encrypted = Some(MediaEncryption { exchange: KeyExchange::Dtls, suite });
    let encrypted = LegRecord { encryption: encrypted, ..answering.clone() };
    let explained = LegRecord { reason: Some("Q.850;cause=17".into()), ..answering.clone() };
    let seconds = Duration::from_secs;
    let full = CallRecord {
        call_id: call(),
        absorbed: vec![CallId::from_uuid(uuid(9))],
        origination: owner(Some(CenterId(3))),
        termination: Some(owner(None)),
        started_at: at(0),
        ringing_at: Some(at(1)),
        answered_at: Some(at(2)),
        ended_at: at(20),
        cause: EndCause::AnsweredElsewhere,
        released_by: ReleasedBy::Command,
        times: Times {
            pdd: seconds(1),
            ring: seconds(1),
            talk: seconds(9),
            hold: seconds(8),
            transfer: seconds(1),
        },
        hold_count: 2,
        caller_received: "00 1 415 555 0100".into(),
        caller_routed: "+14155550100".into(),
        caller_name: Some("Zoë".into()),
        called_received: "0199".into(),
        called_routed: "+14155550199".into(),
        caller_country: Some(840),
        called_country: Some(380),
        caller_leg: facts.clone(),
        called_leg: Some(facts),
        answered_by: Some("Bo".into()),
        transferred_to: Some(TransferredTo { number: "1003".into(), name: Some("Cy".into()) }),
        screen_pop: Some("Front desk".into()),
        origination_rate: Some(rate()),
        termination_rate: Some(rate()),
        interactions: vec![parked],
        transfers: Vec::new(),
        recordings: Vec::new(),
        legs: vec![answering.clone()],
        is_taken_in_parts: false,
        parts: Vec::new(),
    };
    let bare = CallRecord {
        absorbed: Vec::new(),
        termination: None,
        ringing_at: None,
        answered_at: None,
        cause: EndCause::NoRoute,
        released_by: ReleasedBy::Switch,
        times: Times { pdd: seconds(20), ..Times::default() },
        hold_count: 0,
        caller_name: None,
        caller_country: None,
        called_country: None,
        caller_leg: LegFacts::default(),
        called_leg: None,
        answered_by: None,
        transferred_to: None,
        screen_pop: None,
        origination_rate: None,
        termination_rate: None,
        interactions: Vec::new(),
        legs: Vec::new(),
        ..full.clone()
    };
    let recording = Recording {
        leg: leg(2),
        kind: RecordingKind::Standing,
        file: "b.wav".into(),
        started_at: at(3),
        ended_at: at(4),
    };
    let recorded = CallRecord { recordings: vec![recording], ..bare.clone() };
    let transfer = Transfer {
        mode: TransferMode::Attended,
        initiator: leg(2),
        transferred: Some(leg(1)),
        recipient: None,
        started_at: at(5),
        ended_at: at(6),
    };
    let completed = Transfer { mode: TransferMode::Blind, recipient: Some(leg(3)), ..transfer };
    let handed_over = CallRecord { transfers: vec![transfer, completed], ..bare.clone() };
    let explained = CallRecord { legs: vec![explained], ..bare.clone() };
    let identified = LegFacts { identity: Some(identity()), ..LegFacts::default() };
    let part = CallRecord { caller_leg: identified, origination_rate: Some(rate()), ..bare.clone() };
    let parts = vec![Part { sides: Sides::Terminated, record: part }];
    let in_parts = CallRecord { is_taken_in_parts: true, parts, ..bare.clone() };
    let encrypted = CallRecord { legs: vec![encrypted], ..bare.clone() };
    let measured = CallRecord {
        caller_leg: LegFacts { quality: Some(quality()), ..LegFacts::default() },
        legs: vec![LegRecord { quality: Some(quality()), ..answering }],
        ..bare.clone()
    };
    vec![full, bare, recorded, handed_over, explained, in_parts, encrypted, measured]
}

fn annotation_changes() -> Vec<AnnotationChange> {
    let full = AnnotationEdit {
        notes: Some("Zoë \"called\"".into()),
        is_flagged: Some(true),
        flag_notes: Some("ask".into()),
        added_forms: vec!["f1".into(), "f2".into()],
        removed_forms: vec!["f0".into()],
        work: Some(WorkEdit::Is(Duration::from_millis(45_500))),
    };
    let more = WorkEdit::More(Duration::from_secs(30));
    let work = AnnotationEdit { work: Some(more), ..AnnotationEdit::default() };
    let unflagged = AnnotationEdit { is_flagged: Some(false), ..AnnotationEdit::default() };
    let change = |by, edit| AnnotationChange { at: Timestamp::from_micros(1), by, edit };
    vec![
        change(Author::User { id: UserId(7), login: "anna".into() }, full),
        change(Author::Device { id: DeviceId(3), name: "Ada".into() }, work),
        change(Author::Token, unflagged),
    ]
}

#[test]
fn changes_of_annotations_are_written_as_they_always_were() {
    let written: Vec<_> = annotation_changes()
        .iter()
        .map(|change| {
            let mut json = Vec::new();
            write_annotation_change(change, &mut json);
            String::from_utf8(json).unwrap()
        })
        .collect();
    assert_eq!(written, ANNOTATION_CHANGES.lines().collect::<Vec<_>>(), "{ADVICE}");
    for (line, change) in ANNOTATION_CHANGES.lines().zip(annotation_changes()) {
        let read = read_annotation_change(JSON, line.as_bytes()).unwrap();
        assert_eq!(read, (change.by, change.edit));
    }
}

#[test]
fn events_are_written_as_they_always_were() {
    let written: Vec<_> = events().iter().map(|event| json(frozen::Write(event))).collect();
    assert_eq!(written, EVENTS.lines().collect::<Vec<_>>(), "{ADVICE}");
}

#[test]
fn records_are_written_as_they_always_were() {
    let written: Vec<_> = records().iter().map(packed).collect();
    assert_eq!(written, PACKED_RECORDS.lines().collect::<Vec<_>>(), "{ADVICE}");
    let in_json: Vec<_> = records().iter().map(|record| json(frozen::Write(record))).collect();
    assert_eq!(in_json, RECORDS.lines().collect::<Vec<_>>(), "{ADVICE}");
}

/// A record in hexadecimal digits.
fn packed(record: &CallRecord) -> String {
    let mut bytes = Vec::new();
    write_record(record, &mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unpacked(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2).map(|pair| str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn json(value: impl Serialize) -> String {
    serde_json::to_string(&value).unwrap()
}

#[test]
fn what_was_written_is_read_back_as_it_was() {
    let list = format!("[{}]", EVENTS.lines().collect::<Vec<_>>().join(","));
    assert_eq!(read_events(JSON, list.as_bytes()).unwrap(), events());
    let read: Vec<_> = RECORDS.lines().map(|line| read_record(JSON, line.as_bytes()).unwrap()).collect();
    assert_eq!(read, records());
    let read = |line| read_record(MESSAGE_PACK, &unpacked(line)).unwrap();
    assert_eq!(PACKED_RECORDS.lines().map(read).collect::<Vec<_>>(), records());
}

#[test]
fn every_kind_of_event_is_pinned() {
    let names = serde_kinds();
    let missing: Vec<_> = names.iter().filter(|name| !EVENTS.contains(&format!("\"{name}\""))).collect();
    assert!(missing.is_empty(), "no line for {missing:?}; add an event of each to `kinds`");
}

/// The names that the stored form knows, from its own refusal of one that it does not know.
fn serde_kinds() -> Vec<String> {
    let unknown = format!(r#"{{"c":"{}","t":0,"k":{{"nothing":1}}}}"#, call());
    let refusal = serde_json::from_str::<frozen::Read<CallEvent>>(&unknown).err().unwrap().to_string();
    let names: Vec<_> = refusal.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert!(names.len() > 10, "{refusal}");
    names
}

#[test]
fn an_unknown_format_or_a_torn_record_is_an_error_that_quotes_nothing() {
    let newer = read_record(3, b"{}").unwrap_err();
    assert!(newer.to_string().contains("format 3"), "{newer}");
    let whole = unpacked(PACKED_RECORDS.lines().next().unwrap());
    let cases: [(_, &[u8]); 4] = [
        (JSON, br#"{"id":"+14155550100"#),
        (MESSAGE_PACK, &whole[..whole.len() / 2]),
        (MESSAGE_PACK, b"\x81\xa2id\xac+14155550100"),
        (MESSAGE_PACK, b""),
    ];
    for (format, bytes) in cases {
        let torn = read_record(format, bytes).unwrap_err();
        assert!(matches!(torn, HistoryError::Unreadable { what: "call record", .. }));
        assert!(!torn.to_string().contains("415"), "{torn}");
    }
}
