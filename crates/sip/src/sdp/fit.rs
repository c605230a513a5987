//! The formats of offers and answers, where a switch between the parties can make a stream of one codec one of another:
//! an offer names what it can make, at the end, and an answer names what was offered, whatever was answered to that
//! (RFC 3264 sections 5.1 and 6.1).

use super::format::Codec;

/// What an `m=` line says of its formats, with the lines that explain them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// Live audio by RTP that is not encrypted, which alone is fitted.
    is_voice: bool,
    formats: Vec<Named>,
}

/// A format by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    payload_type: u8,
    /// `<name>/<rate>`, and `/<channels>` if these are several; in small letters, empty if it is not known.
    encoding: String,
}

/// Codecs that can be made of each other, as they are offered: those first that cost least.
const NARROW: [&str; 4] = ["pcma/8000", "pcmu/8000", "g722/8000", "opus/48000/2"];
/// The same, those first that sound best.
const WIDE: [&str; 4] = ["opus/48000/2", "g722/8000", "pcma/8000", "pcmu/8000"];
const KEYS: &str = "telephone-event/8000";
/// Numbers of formats that have no fixed one: those that phones like best for Opus and keys, and all.
const FREE: [u8; 4] = [111, 101, 96, 97];

impl Offered {
    fn has(&self, encoding: &str) -> bool {
        self.formats.iter().any(|format| format.encoding == encoding)
    }

    /// Those that carry sound.
    fn voices(&self) -> impl Iterator<Item = &Named> {
        self.formats.iter().filter(|format| !format.is_beside())
    }

    /// Whether a stream answers with nothing but what was not offered, and is to be made of what was.
    fn needs(&self, answer: &Self) -> bool {
        let is_shared = |voice: &Named| self.has(&voice.encoding) || !voice.is_makeable();
        self.voices().any(Named::is_makeable)
            && answer.voices().next().is_some()
            && !answer.voices().any(is_shared)
    }

    /// The codec that costs least to be made of the answer's, if that sounds no better, and else the first.
    fn best_for(&self, answer: &Self) -> Option<&Named> {
        let is_narrow = answer.voices().all(|voice| voice.encoding.starts_with("pcm"));
        let makeable = self.voices().filter(|voice| voice.is_makeable());
        match is_narrow {
            true => makeable.min_by_key(|voice| NARROW.iter().position(|it| it[..3] == voice.encoding[..3])),
            false => makeable.into_iter().next(),
        }
    }

    /// What is offered in its place, with what can be made of it; `None` if nothing can.
    fn extended(&self) -> Option<Vec<Named>> {
        if !self.is_voice || !self.voices().any(Named::is_makeable) {
            return None;
        }
        let is_wide = self.has("opus/48000/2") || self.has("g722/8000");
        let mut formats = self.formats.clone();
        let has_keys = formats.iter().any(|format| format.encoding.starts_with("telephone-event/"));
        let more = if is_wide { WIDE } else { NARROW }.into_iter().chain(has_keys.then_some(KEYS));
        for encoding in more.filter(|encoding| !self.has(encoding)) {
            let payload_type = number_of(encoding).or_else(|| free(&formats))?;
            formats.push(Named { payload_type, encoding: encoding.to_owned() });
        }
        (formats.len() > self.formats.len()).then_some(formats)
    }

    /// What is answered to this offer in the place of an answer; `None` if that can stay.
    fn fitted(&self, answer: &Self) -> Option<Vec<Named>> {
        if !self.is_voice || !answer.is_voice {
            return None;
        }
        let mut formats: Vec<Named> = Vec::new();
        if self.needs(answer) {
            formats.push(self.best_for(answer)?.clone());
        }
        let may_stay = |format: &&Named| self.has(&format.encoding) || !format.is_ours();
        formats.extend(answer.formats.iter().filter(may_stay).cloned());
        let has_keys = |formats: &[Named]| formats.iter().any(Named::is_keys);
        if has_keys(&answer.formats) && !has_keys(&formats) {
            formats.extend(self.formats.iter().find(|format| format.is_keys()).cloned());
        }
        (formats != answer.formats).then_some(formats)
    }
}

impl Named {
    fn parse(rtpmap: &str) -> Option<Self> {
        let (number, encoding) = rtpmap.trim().split_once(' ')?;
        let encoding = encoding.trim().to_ascii_lowercase();
        // One channel need not be said, but Opus always says two (RFC 7587 section 7).
        let encoding = encoding.strip_suffix("/1").map(str::to_owned).unwrap_or(encoding);
        Some(Self { payload_type: number.parse().ok()?, encoding })
    }

    fn fixed(payload_type: u8) -> Self {
        let encoding = match payload_type {
            0 => "pcmu/8000",
            8 => "pcma/8000",
            9 => "g722/8000",
            13 => "cn/8000",
            18 => "g729/8000",
            _ => "",
        };
        Self { payload_type, encoding: encoding.to_owned() }
    }

    fn is_makeable(&self) -> bool {
        NARROW.contains(&self.encoding.as_str())
    }

    fn is_keys(&self) -> bool {
        self.encoding.starts_with("telephone-event/")
    }

    /// It stands beside a codec, and carries no sound by itself.
    fn is_beside(&self) -> bool {
        self.is_keys() || self.encoding.starts_with("cn/") || self.encoding.starts_with("red/")
    }

    /// We may have added it to an offer.
    fn is_ours(&self) -> bool {
        self.is_makeable() || self.is_keys()
    }

    /// The line that explains it; none is needed where its number is fixed, but may stand.
    fn rtpmap(&self) -> String {
        let name = match Codec::named(&self.encoding) {
            Codec::Pcmu | Codec::Pcma | Codec::G722 => self.encoding.to_ascii_uppercase(),
            Codec::Opus | Codec::TelephoneEvent | Codec::Other => self.encoding.clone(),
        };
        let number = self.payload_type;
        match self.is_keys() {
            true => format!("a=rtpmap:{number} {name}\r\na=fmtp:{number} 0-15\r\n"),
            false => format!("a=rtpmap:{number} {name}\r\n"),
        }
    }
}

/// The formats of each `m=` line.
pub fn offered(text: &str) -> Vec<Offered> {
    let mut streams: Vec<Offered> = Vec::new();
    for line in text.lines() {
        let mapped = || Named::parse(line.strip_prefix("a=rtpmap:")?);
        if let Some(media) = line.strip_prefix("m=") {
            streams.push(listed(media));
        } else if let (Some(stream), Some(named)) = (streams.last_mut(), mapped()) {
            let of_it = stream.formats.iter_mut().filter(|format| format.payload_type == named.payload_type);
            of_it.for_each(|format| format.clone_from(&named));
        }
    }
    streams
}

/// An offer with all that can be made of what it offers; `None` if it has that already, or nothing can be made of it.
pub fn extended(offer: &str) -> Option<String> {
    let streams = offered(offer);
    let formats: Vec<_> = streams.iter().map(Offered::extended).collect();
    rewritten(offer, &streams, &formats)
}

/// An answer as it may be given to whoever made an offer of these: with what was offered, though it be made of something
/// else. `None` if it can stay as it is.
pub fn fitted(answer: &str, offer: &[Offered]) -> Option<String> {
    let streams = offered(answer);
    let formats: Vec<_> = streams.iter().zip(offer).map(|(answer, offer)| offer.fitted(answer)).collect();
    rewritten(answer, &streams, &formats)
}

/// Whether an answer to an extended offer can be passed on to whoever made the offer only with a stream made of another.
pub fn is_foreign(answer: &str, offer: &[Offered]) -> bool {
    offered(answer)
        .iter()
        .zip(offer)
        .any(|(answer, offer)| answer.is_voice && offer.is_voice && offer.needs(answer))
}

fn listed(media: &str) -> Offered {
    let mut words = media.split_whitespace();
    let (medium, port, profile) = (words.next(), words.next(), words.next().unwrap_or_default());
    let is_plain = profile.eq_ignore_ascii_case("RTP/AVP") || profile.eq_ignore_ascii_case("RTP/AVPF");
    let numbers = words.filter_map(|number| number.parse::<u8>().ok());
    let formats = numbers.filter(|number| *number < 128).map(Named::fixed).collect();
    Offered { is_voice: is_plain && medium == Some("audio") && port != Some("0"), formats }
}

/// The text with other formats for the streams that have some.
fn rewritten(text: &str, streams: &[Offered], formats: &[Option<Vec<Named>>]) -> Option<String> {
    formats.iter().any(Option::is_some).then(|| {
        let mut written = String::with_capacity(text.len() + 160);
        let (mut stream, mut added) = (None, String::new());
        for line in text.lines() {
            if line.starts_with("m=") {
                written.push_str(&std::mem::take(&mut added));
                stream = Some(stream.map_or(0, |at: usize| at + 1));
            }
            let change = stream.and_then(|at| Some((streams.get(at)?, formats.get(at)?.as_ref()?)));
            let Some((before, after)) = change else {
                written.extend([line, "\r\n"]);
                continue;
            };
            if line.starts_with("m=") {
                let new = after.iter().filter(|format| !before.formats.contains(format));
                added = new.map(Named::rtpmap).collect();
                written.extend([&media_of(line, after), "\r\n"]);
            } else if explained(line).is_none_or(|number| stays(number, before, after)) {
                written.extend([line, "\r\n"]);
            }
        }
        written + &added
    })
}

/// The `m=` line with other formats.
fn media_of(line: &str, formats: &[Named]) -> String {
    let head: Vec<_> = line.split_whitespace().take(3).map(str::to_owned).collect();
    let numbers = formats.iter().map(|format| format.payload_type.to_string());
    head.into_iter().chain(numbers).collect::<Vec<_>>().join(" ")
}

/// Which format a line is about.
fn explained(line: &str) -> Option<u8> {
    let about =
        ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"].into_iter().find_map(|name| line.strip_prefix(name))?;
    about.split_whitespace().next()?.parse().ok()
}

/// Whether what explains a number explains the same as before.
fn stays(number: u8, before: &Offered, after: &[Named]) -> bool {
    let was = before.formats.iter().find(|format| format.payload_type == number);
    was.is_none_or(|was| after.contains(was))
}

/// The number that a format always has.
fn number_of(encoding: &str) -> Option<u8> {
    match encoding {
        "pcmu/8000" => Some(0),
        "pcma/8000" => Some(8),
        "g722/8000" => Some(9),
        _ => None,
    }
}

/// A number that no format has.
fn free(formats: &[Named]) -> Option<u8> {
    let is_free = |number: &u8| !formats.iter().any(|format| format.payload_type == *number);
    FREE.into_iter().chain(98..128).find(is_free)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdp(formats: &str, maps: &[&str]) -> String {
        let maps: String = maps.iter().map(|map| format!("a={map}\r\n")).collect();
        format!("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP {formats}\r\n{maps}a=ptime:20\r\n")
    }

    const KEYS_101: [&str; 2] = ["rtpmap:101 telephone-event/8000", "fmtp:101 0-16"];

    #[test]
    fn an_offer_names_what_can_be_made_after_what_was_offered() {
        let cases: [(&str, &[&str], &str); 6] = [
            ("8", &[], "8 0 9 111"),
            ("0 101", &KEYS_101, "0 101 8 9 111"),
            ("111", &["rtpmap:111 opus/48000/2"], "111 9 8 0"),
            ("9 8", &[], "9 8 111 0"),
            ("96 111", &["rtpmap:96 opus/48000/2", "rtpmap:111 telephone-event/48000"], "96 111 9 8 0 101"),
            ("111 8", &["rtpmap:111 iLBC/8000"], "111 8 0 9 101"),
        ];
        for (formats, maps, expected) in cases {
            let extended = extended(&sdp(formats, maps)).unwrap();
            assert!(
                extended.contains(&format!("m=audio 4000 RTP/AVP {expected}\r\n")),
                "{formats}: {extended}"
            );
            assert!(maps.iter().all(|map| extended.contains(map)), "{extended}");
            assert_eq!(super::extended(&extended), None, "once is enough");
        }
        let opus = extended(&sdp("8", &[])).unwrap();
        assert!(opus.ends_with(
            "a=ptime:20\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:9 G722/8000\r\na=rtpmap:111 opus/48000/2\r\n"
        ));
    }

    #[test]
    fn what_cannot_be_made_another_is_offered_as_it_is() {
        let secured = sdp("8", &[]).replace("RTP/AVP", "RTP/SAVP");
        let refused = sdp("8", &[]).replace("4000", "0");
        let picture = sdp("8", &[]).replace("audio", "video");
        for offer in [sdp("18", &[]), secured, refused, picture, "v=0\r\n".to_owned()] {
            assert_eq!(extended(&offer), None, "{offer}");
        }
    }

    #[test]
    fn an_answer_names_what_was_offered_whatever_was_answered() {
        type Stream = (&'static str, &'static [&'static str]);
        let opus: Stream = ("96", &["rtpmap:96 opus/48000/2"]);
        let cases: [(Stream, Stream, Option<&str>); 8] = [
            // They share one: what only we had offered is taken out.
            (("8", &[]), ("8", &[]), None),
            (("8", &[]), ("8 0 9", &[]), Some("8")),
            (("18", &[]), ("18", &[]), None),
            (("18 8", &[]), ("18", &[]), None),
            // They share none.
            (("8", &[]), opus, Some("8")),
            (opus, ("8", &[]), Some("96")),
            (("9 0", &[]), ("8", &[]), Some("0")),
            (("111 9", &["rtpmap:111 opus/48000/2"]), ("0", &[]), Some("9")),
        ];
        for (offer, answer, expected) in cases {
            let offer = offered(&sdp(offer.0, offer.1));
            let answer = sdp(answer.0, answer.1);
            let fitted = fitted(&answer, &offer);
            let formats =
                fitted.as_deref().map(|text| text.split("AVP ").nth(1).unwrap().lines().next().unwrap());
            assert_eq!(formats, expected, "{answer}");
        }
    }

    #[test]
    fn keys_are_answered_as_they_were_offered() {
        let offer = sdp("96 97", &["rtpmap:96 opus/48000/2", "rtpmap:97 telephone-event/48000"]);
        let answer = sdp("8 101", &KEYS_101);
        let fitted = fitted(&answer, &offered(&offer)).unwrap();
        assert!(fitted.contains("m=audio 4000 RTP/AVP 96 97\r\n"), "{fitted}");
        assert!(
            fitted.contains(
                "a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/48000\r\na=fmtp:97 0-15\r\n"
            )
        );
        assert!(!fitted.contains("101"), "{fitted}");
        assert!(is_foreign(&answer, &offered(&offer)) && !is_foreign(&offer, &offered(&offer)));
    }
}
