//! Calls.

use schemars::JsonSchema;
use serde::Serialize;

/// A part of the live calls.
#[derive(Serialize, JsonSchema)]
pub struct LiveCallsWire {
    /// How things were then.
    pub as_of: String,
    /// How many calls the filter finds.
    pub count: usize,
    /// How many there are.
    pub all: usize,
    /// How many of those that the filter finds are of each group, most first; only where `group_by` is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupWire>>,
    /// The part.
    pub calls: Vec<LiveCallWire>,
    /// `after` of the next part; null if this is the last.
    pub next: Option<String>,
}

/// A group.
#[derive(Serialize, JsonSchema)]
pub struct GroupWire {
    /// What its calls have in common; null if they have no such thing.
    pub group: Option<String>,
    /// How many they are.
    pub count: usize,
}

/// A live call.
#[derive(Serialize, JsonSchema)]
pub struct LiveCallWire {
    /// Its id.
    pub id: String,
    /// The account that sees it.
    pub account: u32,
    /// `dialing`, `ringing`, `talking`, `on-hold` or `transferring`.
    pub state: &'static str,
    /// `outbound` if the account sends it, else `inbound`.
    pub direction: &'static str,
    /// Who calls.
    pub from: PartyWire,
    /// Who is called.
    pub to: PartyWire,
    /// The account's extension in it.
    pub extension: Option<String>,
    /// The country of the number that is called (ISO 3166-1 alpha-2).
    pub country: Option<&'static str>,
    /// The account's trunk that carries it.
    pub trunk: Option<String>,
    /// When it began.
    pub started_at: String,
    /// When it was answered.
    pub answered_at: Option<String>,
}

/// A party.
#[derive(Serialize, JsonSchema)]
pub struct PartyWire {
    /// Its number.
    pub number: String,
    /// Its name; null if that is not this account's to know.
    pub name: Option<String>,
}

/// A part of the finished calls.
#[derive(Serialize, JsonSchema)]
pub struct FinishedCallsWire {
    /// How many calls the search finds; only where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The part.
    pub calls: Vec<FinishedCallWire>,
    /// `after` of the next part; null if this is the last.
    pub next: Option<String>,
}

/// A finished call.
#[derive(Serialize, JsonSchema)]
pub struct FinishedCallWire {
    /// Its id.
    pub id: String,
    /// `outbound` if the account sends it, else `inbound`.
    pub direction: &'static str,
    /// Who called.
    pub from: String,
    /// Who was called.
    pub to: String,
    /// When it began.
    pub started_at: String,
    /// When it was answered.
    pub answered_at: Option<String>,
    /// What became of it.
    pub end: EndWire,
    /// How well the account's own leg was heard: the caller's if it sends the call, else that of who was called; null if
    /// its sound did not go through this server.
    pub quality: Option<QualityWire>,
}

/// A call by its id.
#[derive(Serialize, JsonSchema)]
pub struct CallOnlyWire {
    /// Its id.
    pub id: String,
}

/// One call.
#[derive(Serialize, JsonSchema)]
pub struct OneCallWire {
    /// Its id.
    pub id: String,
    /// As in the list; of a call that is over, `over`.
    pub state: &'static str,
    /// `outbound` if the account sends it, else `inbound`.
    pub direction: &'static str,
    /// Who calls.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// When it began.
    pub started_at: String,
    /// When it was answered.
    pub answered_at: Option<String>,
    /// What became of it; null while it goes on.
    pub end: Option<EndWire>,
    /// Every leg, in the order in which they came.
    pub legs: Vec<LegWire>,
    /// Where to read what happened, in order.
    pub events: String,
}

/// What became of a call.
#[derive(Serialize, JsonSchema)]
pub struct EndWire {
    /// When.
    pub at: String,
    /// Why, as in events.
    pub cause: &'static str,
    /// `caller`, `callee`, `switch` or `command`.
    pub released_by: &'static str,
    /// From the answer to the end.
    pub connected_seconds: f64,
    /// Of that, with a party on hold or in a slot.
    pub hold_seconds: f64,
    /// What the account pays for it, with all that it sent on within it; else what it is paid for what it takes.
    pub price: Option<String>,
}

/// A leg.
#[derive(Serialize, JsonSchema)]
pub struct LegWire {
    /// Its id.
    pub id: String,
    /// `caller` or `callee`: whose of the call.
    pub side: &'static str,
    /// `offered`, `ringing`, `answered` or `ended`.
    pub state: &'static str,
    /// Its number; of what is another customer's affair, that of the call.
    pub number: String,
    /// The phone's or trunk's name; null if it is another customer's.
    pub name: Option<String>,
    /// When it came into being.
    pub offered_at: String,
    /// When it rang.
    pub ringing_at: Option<String>,
    /// When it was answered.
    pub answered_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Why it ended, as in events.
    pub cause: Option<&'static str>,
    /// The final SIP status.
    pub sip_status: Option<u16>,
    /// How its sound is encrypted, or was at its end; null if it is not, or goes past this server.
    pub encryption: Option<EncryptionWire>,
    /// How well its sound arrives, from its first packet until now or to its end; null if there is none, if it goes past
    /// this server, or if the leg is another customer's.
    pub quality: Option<QualityWire>,
}

/// How well the sound of a leg arrives.
#[derive(Serialize, JsonSchema)]
pub struct QualityWire {
    /// What the party sends, as it arrives here; null while nothing has come.
    pub received: Option<StreamWire>,
    /// What the party is sent, as it reports; null if it reports nothing.
    pub sent: Option<StreamWire>,
    /// To the party and back, on the average; null if its reports do not tell.
    pub round_trip_ms: Option<f64>,
    /// What people would say of the worse of the two directions (ITU-T G.107, made simple), from 1 to 4.5.
    pub mos: Option<f64>,
}

/// How well one direction arrives.
#[derive(Serialize, JsonSchema)]
pub struct StreamWire {
    /// Packets that should have come.
    pub packets: u32,
    /// Packets of those that have not.
    pub lost: u32,
    /// By how much the time on the way changed from packet to packet, on the average.
    pub jitter_ms: f64,
}

/// How the sound of a leg is encrypted.
#[derive(Serialize, JsonSchema)]
pub struct EncryptionWire {
    /// How the keys were agreed on: `sdes` (RFC 4568) or `dtls` (RFC 5764).
    pub key_exchange: &'static str,
    /// The crypto suite by its registered name.
    pub crypto_suite: &'static str,
}

/// What became of a command.
#[derive(Serialize, JsonSchema)]
pub struct OutcomeWire {
    /// `done`, or `under_way`: then the call tells what comes of it.
    pub outcome: &'static str,
    /// The slot of who was parked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<String>,
}

/// What became of a command for many calls.
#[derive(Serialize, JsonSchema)]
pub struct HungUpWire {
    /// How many calls the filter has found.
    pub found: usize,
    /// How many of them were ended.
    pub ended: usize,
}
