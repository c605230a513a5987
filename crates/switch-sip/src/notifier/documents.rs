//! What notifications say.

use std::{io, sync::Arc};

use call::event::LegDirection;
use directory::mailboxes::Mailbox;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use super::{
    lines::{Line, Progress},
    subscription::Extent,
};
use crate::message::uri;

type Xml = Writer<Vec<u8>>;

/// Whom a document is about: a user at a host.
#[derive(Clone, Copy)]
pub(super) struct Entity<'a> {
    pub(super) user: &'a str,
    pub(super) host: &'a str,
}

impl Entity<'_> {
    fn uri(&self) -> String {
        uri::sip(self.user, self.host)
    }
}

/// What names a dialog (RFC 4235 section 4.1.1), seen from its phone: whoever knows all of it may take its place
/// (RFC 3891).
pub(super) struct Names {
    pub(super) call_id: Arc<str>,
    /// That of the phone, once it has answered anything.
    pub(super) local_tag: Option<Arc<str>>,
    pub(super) remote_tag: Arc<str>,
}

impl Names {
    fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let local_tag = self.local_tag.as_deref().map(|tag| ("local-tag", tag));
        [("call-id", &*self.call_id), ("remote-tag", &*self.remote_tag)].into_iter().chain(local_tag)
    }
}

fn document(write: impl FnOnce(&mut Xml) -> io::Result<()>) -> Vec<u8> {
    let mut xml = Writer::new(Vec::new());
    let head = Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None));
    let written = xml.write_event(head).and_then(|()| write(&mut xml));
    written.expect("memory takes what is written");
    xml.into_inner()
}

/// Dialogs (RFC 4235 section 4).
pub(super) fn dialog_info(
    entity: Entity<'_>,
    version: u32,
    extent: Extent,
    lines: &[(&Line, Option<Names>)],
) -> Vec<u8> {
    let state = match extent {
        Extent::Full => "full",
        Extent::Partial => "partial",
    };
    let (version, uri) = (version.to_string(), entity.uri());
    document(|xml| {
        let root = xml.create_element("dialog-info").with_attributes([
            ("xmlns", "urn:ietf:params:xml:ns:dialog-info"),
            ("version", version.as_str()),
            ("state", state),
            ("entity", uri.as_str()),
        ]);
        root.write_inner_content(|xml| lines.iter().try_for_each(|line| dialog(xml, entity, line))).map(drop)
    })
}

fn dialog(xml: &mut Xml, entity: Entity<'_>, (line, names): &(&Line, Option<Names>)) -> io::Result<()> {
    let direction = match line.direction {
        LegDirection::Incoming => "initiator",
        LegDirection::Outgoing => "recipient",
    };
    let state = match line.progress {
        Progress::Trying => "trying",
        Progress::Early => "early",
        Progress::Confirmed => "confirmed",
        Progress::Terminated => "terminated",
    };
    let (id, other) = (line.leg.to_string(), uri::sip(line.other.as_str(), entity.host));
    let names = names.iter().flat_map(Names::attributes);
    let attributes = [("id", id.as_str())].into_iter().chain(names).chain([("direction", direction)]);
    let element = xml.create_element("dialog").with_attributes(attributes);
    element.write_inner_content(|xml| {
        text(xml, "state", state)?;
        party(xml, "local", &entity.uri())?;
        party(xml, "remote", &other)
    })?;
    Ok(())
}

fn party(xml: &mut Xml, side: &str, uri: &str) -> io::Result<()> {
    xml.create_element(side).write_inner_content(|xml| {
        text(xml, "identity", uri)?;
        xml.create_element("target").with_attribute(("uri", uri)).write_empty().map(drop)
    })?;
    Ok(())
}

fn text(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(text)).map(drop)
}

/// Messages in a mailbox (RFC 3842 section 3.5).
pub(super) fn message_summary(entity: Entity<'_>, mailbox: Mailbox) -> Vec<u8> {
    let waiting = if mailbox.new > 0 { "yes" } else { "no" };
    let Mailbox { new, old, urgent_new, urgent_old } = mailbox;
    format!(
        "Messages-Waiting: {waiting}\r\nMessage-Account: {}\r\nVoice-Message: {new}/{old} ({urgent_new}/{urgent_old})\r\n",
        entity.uri()
    )
    .into_bytes()
}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// None of its phones is registered.
    Away,
    Idle,
    Ringing,
    Talking,
}

impl Presence {
    pub(super) fn of(is_registered: bool, lines: &[Line]) -> Self {
        let any = |progress| lines.iter().any(|line| line.progress == progress);
        match () {
            () if any(Progress::Confirmed) => Self::Talking,
            () if !lines.is_empty() => Self::Ringing,
            () if is_registered => Self::Idle,
            () => Self::Away,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Away => ("closed", "Not online"),
            Self::Idle => ("open", "Ready"),
            Self::Ringing => ("open", "Ringing"),
            Self::Talking => ("open", "On the phone"),
        }
    }
}

/// Whether somebody can be reached (RFC 3863), and is on the phone (RFC 4480).
pub(super) fn pidf(entity: Entity<'_>, presence: Presence) -> Vec<u8> {
    let (basic, note) = presence.words();
    let uri = entity.uri();
    document(|xml| {
        let root = xml.create_element("presence").with_attributes([
            ("xmlns", "urn:ietf:params:xml:ns:pidf"),
            ("xmlns:dm", "urn:ietf:params:xml:ns:pidf:data-model"),
            ("xmlns:rpid", "urn:ietf:params:xml:ns:pidf:rpid"),
            ("entity", uri.as_str()),
        ]);
        root.write_inner_content(|xml| {
            xml.create_element("tuple").with_attribute(("id", "phone")).write_inner_content(|xml| {
                xml.create_element("status").write_inner_content(|xml| text(xml, "basic", basic))?;
                text(xml, "contact", &uri)?;
                text(xml, "note", note)
            })?;
            if matches!(presence, Presence::Ringing | Presence::Talking) { on_the_phone(xml) } else { Ok(()) }
        })
        .map(drop)
    })
}

fn on_the_phone(xml: &mut Xml) -> io::Result<()> {
    xml.create_element("dm:person").with_attribute(("id", "person")).write_inner_content(|xml| {
        xml.create_element("rpid:activities")
            .write_inner_content(|xml| xml.create_element("rpid:on-the-phone").write_empty().map(drop))
            .map(drop)
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use call::{LegId, Timestamp};

    use super::*;

    const ANN: Entity<'_> = Entity { user: "1001", host: "192.0.2.1" };

    fn line(progress: Progress) -> Line {
        let leg = LegId::new(Timestamp::from_seconds(1), [1; 10]);
        Line { leg, direction: LegDirection::Outgoing, progress, other: "+1 <2>".into(), tag: None }
    }

    fn read(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn dialogs_are_listed_with_state_and_parties() {
        let line = line(Progress::Early);
        let names = Names { call_id: "x@y".into(), local_tag: Some("t1".into()), remote_tag: "t2".into() };
        let text = read(dialog_info(ANN, 7, Extent::Partial, &[(&line, Some(names))]));
        let id = line.leg;
        let expected = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="7" state="partial" entity="sip:1001@192.0.2.1"><dialog id="{id}" call-id="x@y" remote-tag="t2" local-tag="t1" direction="recipient"><state>early</state><local><identity>sip:1001@192.0.2.1</identity><target uri="sip:1001@192.0.2.1"/></local><remote><identity>sip:{0}@192.0.2.1</identity><target uri="sip:{0}@192.0.2.1"/></remote></dialog></dialog-info>"#,
            sip::escape::encode_user("+1 <2>")
        );
        assert_eq!(text, expected);
        let none = read(dialog_info(ANN, 0, Extent::Full, &[]));
        assert!(
            none.ends_with(r#"version="0" state="full" entity="sip:1001@192.0.2.1"></dialog-info>"#),
            "{none}"
        );
    }

    #[test]
    fn messages_are_counted() {
        let mailbox = Mailbox { new: 2, old: 8, urgent_new: 0, urgent_old: 2 };
        let expected =
            "Messages-Waiting: yes\r\nMessage-Account: sip:1001@192.0.2.1\r\nVoice-Message: 2/8 (0/2)\r\n";
        assert_eq!(read(message_summary(ANN, mailbox)), expected);
        assert!(read(message_summary(ANN, Mailbox::default())).starts_with("Messages-Waiting: no\r\n"));
    }

    #[test]
    fn presence_comes_of_registration_and_calls() {
        for (is_registered, lines, expected, basic, is_on_phone) in [
            (false, vec![], Presence::Away, "closed", false),
            (true, vec![], Presence::Idle, "open", false),
            (true, vec![line(Progress::Trying)], Presence::Ringing, "open", true),
            (true, vec![line(Progress::Early), line(Progress::Confirmed)], Presence::Talking, "open", true),
            (false, vec![line(Progress::Confirmed)], Presence::Talking, "open", true),
        ] {
            let presence = Presence::of(is_registered, &lines);
            let text = read(pidf(ANN, presence));
            assert_eq!(presence, expected);
            assert!(text.contains(&format!("<basic>{basic}</basic>")), "{text}");
            assert_eq!(text.contains("<rpid:on-the-phone/>"), is_on_phone, "{text}");
        }
    }
}
