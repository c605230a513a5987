//! SIP messages as text.

/// A message, cut into lines.
#[derive(Clone, Debug)]
pub struct Message {
    pub start: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Message {
    pub fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).expect("the switch writes UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("a message has a blank line");
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap().to_owned();
        let headers = lines
            .map(|line| line.split_once(':').expect("a header has a colon"))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect();
        Self { start, headers, body: body.to_owned() }
    }

    pub fn find(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> &str {
        self.find(name).unwrap_or_else(|| panic!("no {name} in {self:#?}"))
    }

    /// Changes the value of a header.
    pub fn replace(&mut self, name: &str, value: &str) {
        let found = self.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.expect("the header is there").1 = value.to_owned();
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The status code of a response; 0 of a request.
    pub fn status(&self) -> u16 {
        let code = self.start.strip_prefix("SIP/2.0 ").and_then(|rest| rest.get(..3));
        code.map_or(0, |code| code.parse().unwrap())
    }

    /// The method of a request; empty of a response.
    pub fn method(&self) -> &str {
        if self.status() > 0 { "" } else { self.start.split(' ').next().unwrap() }
    }

    pub fn request_uri(&self) -> &str {
        self.start.split(' ').nth(1).unwrap()
    }

    pub fn cseq(&self) -> (u32, &str) {
        let (number, method) = self.header("CSeq").split_once(' ').unwrap();
        (number.parse().unwrap(), method)
    }

    /// The URI inside the angle brackets of a header.
    pub fn uri_of(&self, name: &str) -> &str {
        let value = self.header(name);
        value.split_once('<').unwrap().1.split_once('>').unwrap().0
    }

    pub fn tag_of(&self, name: &str) -> Option<&str> {
        self.header(name).split_once(";tag=").map(|(_, tag)| tag.split(';').next().unwrap())
    }

    /// The response to this request that repeats what a response must.
    pub fn response(&self, status: &str, tag: &str, more: &[String], body: &str) -> String {
        let mut text = format!("SIP/2.0 {status}\r\n");
        for via in self.all("Via") {
            text += &format!("Via: {via}\r\n");
        }
        let to = self.header("To");
        let to = if to.contains(";tag=") || status.starts_with("100") {
            to.to_owned()
        } else {
            format!("{to};tag={tag}")
        };
        text += &format!("From: {}\r\nTo: {to}\r\n", self.header("From"));
        text += &format!("Call-ID: {}\r\nCSeq: {}\r\n", self.header("Call-ID"), self.header("CSeq"));
        text + &tail(more, body)
    }
}

/// A session description without its origin, which says what version it is.
pub fn content(sdp: &str) -> String {
    sdp.split_inclusive('\n').filter(|line| !line.starts_with("o=")).collect()
}

/// The version of a session description.
pub fn version(sdp: &str) -> u64 {
    let origin = sdp.lines().find(|line| line.starts_with("o=")).expect("it has an origin");
    origin.split(' ').nth(2).unwrap().parse().unwrap()
}

/// The end of a message: more headers, and the body.
pub fn tail(more: &[String], body: &str) -> String {
    let mut text: String = more.iter().map(|line| format!("{line}\r\n")).collect();
    if !body.is_empty() {
        text += "Content-Type: application/sdp\r\n";
    }
    text + &format!("Content-Length: {}\r\n\r\n{body}", body.len())
}
