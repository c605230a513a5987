//! What a phone sent and received, told in a line for each request.
//!
//! `> INVITE 401` was sent and refused so, `< INVITE sendonly 200` was received and accepted. Said of a request
//! is what changes the call: the direction of an offered stream unless it is both ways, `replaces`, `auto`
//! (RFC 5373), the key of an INFO, and what a NOTIFY tells of a transfer. ACK, provisional answers and what is
//! sent again are left out; `<> BYE` are two that crossed.

use crate::sipp::Direction;

struct Rung<'a> {
    direction: Direction,
    dialog: &'a str,
    cseq: &'a str,
    request: &'a str,
    status: Option<&'a str>,
}

/// The lines for these messages, in the order in which the requests went.
pub fn ladder<'a>(messages: impl IntoIterator<Item = (Direction, &'a str)>) -> Vec<String> {
    let mut rungs: Vec<Rung<'a>> = Vec::new();
    for (direction, text) in messages {
        let (Some(dialog), Some(cseq)) = (header(text, "Call-ID"), header(text, "CSeq")) else { continue };
        let known = rungs.iter_mut().rfind(|rung| rung.dialog == dialog && rung.cseq == cseq);
        match (status(text), known) {
            (Some(status), Some(rung)) if rung.direction != direction && !status.starts_with('1') => {
                rung.status.get_or_insert(status);
            }
            (Some(_), _) => {}
            (None, Some(rung)) if rung.direction == direction => {}
            (None, _) if text.starts_with("ACK ") => {}
            (None, _) => rungs.push(Rung { direction, dialog, cseq, request: text, status: None }),
        }
    }
    let crossing = rungs.iter().map(|rung| rungs.iter().find(|other| rung.crosses(other)));
    let lines = rungs.iter().zip(crossing).filter_map(|(rung, other)| match other {
        None => Some(rung.line()),
        // Which of the two comes first is chance, and so is whether the other side still knows the dialog.
        Some(_) if rung.direction == Direction::Sent => Some("<> BYE".to_owned()),
        Some(_) => None,
    });
    lines.collect()
}

impl Rung<'_> {
    /// Whether both sides end the same dialog.
    fn crosses(&self, other: &Self) -> bool {
        let is_bye = |rung: &Self| rung.request.starts_with("BYE ");
        is_bye(self) && is_bye(other) && self.dialog == other.dialog && self.direction != other.direction
    }

    fn line(&self) -> String {
        let arrow = if self.direction == Direction::Sent { ">" } else { "<" };
        let method = self.request.split(' ').next().unwrap_or_default();
        let mut words = vec![arrow, method];
        words.extend(self.remarks());
        words.push(self.status.unwrap_or("unanswered"));
        words.join(" ")
    }

    fn remarks(&self) -> Vec<&str> {
        let body = self.request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let mut lines = body.lines().map(str::trim_end);
        let directions = ["a=sendonly", "a=recvonly", "a=inactive"];
        let said = lines.find_map(|line| {
            let direction = directions.contains(&line).then(|| line.strip_prefix("a=")).flatten();
            direction.or_else(|| line.strip_prefix("SIP/2.0 ")).or_else(|| line.strip_prefix("Signal="))
        });
        let replaces = header(self.request, "Replaces").is_some()
            || header(self.request, "Refer-To").is_some_and(|to| to.contains("Replaces="));
        let automatic = header(self.request, "Answer-Mode").is_some();
        let marks = [said, replaces.then_some("replaces"), automatic.then_some("auto")];
        marks.into_iter().flatten().collect()
    }
}

fn status(text: &str) -> Option<&str> {
    text.strip_prefix("SIP/2.0 ")?.get(..3)
}

/// The first header of this name; long forms only.
pub(crate) fn header<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let headers = text.split("\r\n").skip(1).take_while(|line| !line.is_empty());
    let mut fields = headers.filter_map(|line| line.split_once(':'));
    fields.find(|(found, _)| found.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{Received, Sent};

    fn message(first: &str, cseq: &str, rest: &str) -> String {
        format!("{first}\r\nCall-ID: 1@x\r\nCSeq: {cseq}\r\n{rest}")
    }

    #[test]
    fn two_byes_that_cross_are_one_line() {
        let bye = |number: u32| message("BYE sip:b SIP/2.0", &format!("{number} BYE"), "\r\n");
        let messages = [
            (Sent, bye(1)),
            (Received, bye(2)),
            (Received, message("SIP/2.0 481 Gone", "1 BYE", "\r\n")),
            (Sent, message("SIP/2.0 200 OK", "2 BYE", "\r\n")),
        ];
        assert_eq!(ladder(messages.iter().map(|(direction, text)| (*direction, &**text))), ["<> BYE"]);
        assert_eq!(ladder(messages[..1].iter().map(|(way, text)| (*way, &**text))), ["> BYE unanswered"]);
    }

    #[test]
    fn each_request_has_a_line_with_how_it_ended() {
        let invite = message("INVITE sip:b SIP/2.0", "1 INVITE", "\r\nv=0\r\na=sendrecv\r\n");
        let messages = [
            (Sent, invite.clone()),
            (Sent, invite),
            (Received, message("SIP/2.0 180 Ringing", "1 INVITE", "\r\n")),
            (Received, message("SIP/2.0 200 OK", "1 INVITE", "\r\n")),
            (Sent, message("ACK sip:b SIP/2.0", "1 ACK", "\r\n")),
            (Received, message("INVITE sip:a SIP/2.0", "1 INVITE", "\r\nv=0\r\na=sendonly\r\n")),
            (Sent, message("SIP/2.0 200 OK", "1 INVITE", "\r\n")),
            (Received, message("NOTIFY sip:a SIP/2.0", "2 NOTIFY", "\r\nSIP/2.0 200 OK\r\n")),
            (Sent, message("REFER sip:b SIP/2.0", "2 REFER", "Refer-To: <sip:c?Replaces=1>\r\n\r\n")),
            (Received, message("SIP/2.0 202 Accepted", "2 REFER", "\r\n")),
        ];
        let lines = ladder(messages.iter().map(|(direction, text)| (*direction, &**text)));
        let expected =
            ["> INVITE 200", "< INVITE sendonly 200", "< NOTIFY 200 OK unanswered", "> REFER replaces 202"];
        assert_eq!(lines, expected);
    }
}
