//! Which of the calls that go on are shown.

use std::net::IpAddr;

use call::{
    filter::{TextKind, TextOperator, TextTest},
    state::Call,
};

use crate::{convert, report::parameters::text_operator};

/// A parameter of the report.
#[derive(Clone, Copy)]
pub(super) enum Parameter {
    Account,
    Test(Test),
}

/// A parameter that tests calls.
#[derive(Clone, Copy)]
pub(super) enum Test {
    Ip,
    Port,
    Transport,
    IsUnanswered,
    Text(Field, TextOperator),
}

/// A text of a call that can be tested.
#[derive(Clone, Copy)]
pub(super) enum Field {
    CallerName,
    CallerReceived,
    CalledReceived,
    CallerRouted,
    CalledRouted,
}

/// The tests. All must hold; a call without what is tested passes none.
#[derive(Default)]
pub(super) struct OutgoingFilter {
    ip: Option<IpAddr>,
    port: Option<i32>,
    transport: Option<i8>,
    is_unanswered: Option<bool>,
    texts: Vec<(Field, TextTest)>,
}

impl Parameter {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "account-id" => Some(Self::Account),
            _ => Test::named(name).map(Self::Test),
        }
    }
}

impl Test {
    fn named(name: &str) -> Option<Self> {
        const FIELDS: [(&str, Field); 5] = [
            ("src-name-in-", Field::CallerName),
            ("src-prefix-in-", Field::CallerReceived),
            ("dst-prefix-in-", Field::CalledReceived),
            ("src-prefix-routing-", Field::CallerRouted),
            ("dst-prefix-routing-", Field::CalledRouted),
        ];
        match name {
            "auth-orig-ip" => Some(Self::Ip),
            "auth-orig-port" => Some(Self::Port),
            "auth-orig-transport-protocol-id" => Some(Self::Transport),
            "connect-time-null" => Some(Self::IsUnanswered),
            _ => FIELDS.iter().find_map(|(start, field)| {
                text_operator(name.strip_prefix(start)?).map(|operator| Self::Text(*field, operator))
            }),
        }
    }
}

impl Field {
    fn of(self, call: &Call) -> Option<&str> {
        let (started, routed) = (call.started(), call.routed());
        Some(match self {
            Self::CallerName => return started.caller_name.as_deref(),
            Self::CallerReceived => started.caller.as_str(),
            Self::CalledReceived => started.dialed.as_str(),
            Self::CallerRouted => routed.map_or(&started.caller, |routed| &routed.caller).as_str(),
            Self::CalledRouted => routed.map_or(&started.dialed, |routed| &routed.called).as_str(),
        })
    }

    fn kind(self) -> TextKind {
        match self {
            Self::CallerName => TextKind::Plain,
            Self::CallerReceived | Self::CalledReceived | Self::CallerRouted | Self::CalledRouted => {
                TextKind::Number
            }
        }
    }
}

impl OutgoingFilter {
    /// `None` if the text is not a value of the parameter.
    pub(super) fn take(&mut self, test: Test, text: &str) -> Option<()> {
        match test {
            Test::Ip => self.ip = Some(convert::address(text)?),
            Test::Port => self.port = Some(text.parse().ok()?),
            Test::Transport => self.transport = Some(text.parse().ok()?),
            Test::IsUnanswered => self.is_unanswered = Some(convert::boolean(text)?),
            Test::Text(field, operator) => {
                self.texts.push((field, TextTest::new(field.kind(), operator, [text.trim()])));
            }
        }
        Some(())
    }

    /// Whether a call passes.
    pub(super) fn accepts(&self, call: &Call) -> bool {
        let sip = call.caller_leg().and_then(|leg| leg.offer.sip.as_ref());
        let passes =
            |(field, test): &(Field, TextTest)| field.of(call).is_some_and(|text| test.accepts(text));
        is(self.ip, sip.map(|sip| sip.address.ip().to_canonical()))
            && is(self.port, sip.map(|sip| sip.address.port().into()))
            && is(self.transport, sip.map(|sip| sip.transport.number()))
            && is(self.is_unanswered, Some(call.answered_at().is_none()))
            && self.texts.iter().all(passes)
    }
}

/// Whether what is wanted, if anything is, is there.
fn is<T: PartialEq>(wanted: Option<T>, actual: Option<T>) -> bool {
    wanted.is_none() || wanted == actual
}
