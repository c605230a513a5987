//! As much of SIP's text as the two sides need.

/// A message as it came.
#[derive(Clone, Copy)]
pub struct Message<'a>(&'a str);

impl<'a> Message<'a> {
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(Self)
    }

    /// The method of a request, `SIP/2.0` of a response.
    pub fn begins_with(self) -> &'a str {
        self.0.split(' ').next().unwrap_or_default()
    }

    /// The status of a response.
    pub fn status(self) -> Option<u16> {
        self.0.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The values of a header, in their order.
    pub fn headers(self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = self.0.lines().take_while(|line| !line.is_empty());
        lines.filter_map(move |line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn header(self, name: &'a str) -> &'a str {
        self.headers(name).next().unwrap_or_default()
    }

    /// The URI that requests of the dialog go to.
    pub fn contact(self) -> &'a str {
        let contact = self.header("Contact");
        contact.split_once('<').and_then(|(_, rest)| rest.split('>').next()).unwrap_or(contact)
    }

    /// The headers that a response copies from its request (RFC 3261 section 8.2.6.2); `tag` is our part of the
    /// dialog, unless To has one.
    pub fn answer(self, status: &str, tag: &str) -> String {
        let vias: String = self.headers("Via").map(|via| format!("Via: {via}\r\n")).collect();
        let [from, to, call_id, cseq] = ["From", "To", "Call-ID", "CSeq"].map(|name| self.header(name));
        let tag = if to.contains(";tag=") { String::new() } else { format!(";tag={tag}") };
        format!(
            "SIP/2.0 {status}\r\n{vias}From: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n"
        )
    }
}

/// A message's end, with a description of sound at `port`.
pub fn with_sound(port: u16) -> String {
    let body = format!(
        "v=0\r\no=bench 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
    );
    format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
