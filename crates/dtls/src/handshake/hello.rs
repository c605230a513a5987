//! What both sides begin with: what they know, and what is chosen of it.

use crate::{
    Failure, Suite,
    exchange::Group,
    record::VERSION,
    signature,
    wire::{self, Reader},
};

/// A number that is new and cannot be guessed.
pub(super) type Random = [u8; 32];

mod extension {
    pub(super) const GROUPS: u16 = 10;
    pub(super) const POINTS: u16 = 11;
    pub(super) const SCHEMES: u16 = 13;
    pub(super) const SRTP: u16 = 14;
    pub(super) const EXTENDED_SECRET: u16 = 23;
    pub(super) const RENEGOTIATION: u16 = 0xff01;
}

/// A suite of ciphers that says the same as [`extension::RENEGOTIATION`] (RFC 5746 section 3.3).
const RENEGOTIATION: u16 = 0x00ff;

/// How media may be protected (RFC 5764 section 4.1.2, RFC 7714 section 14.2), the best first.
const PROFILES: [(u16, Suite); 3] =
    [(8, Suite::AeadAes256Gcm), (7, Suite::AeadAes128Gcm), (1, Suite::AesCm128HmacSha1_80)];

pub(super) fn profile(id: u16) -> Option<Suite> {
    PROFILES.iter().find(|(known, _)| *known == id).map(|(_, suite)| *suite)
}

/// What a client knows.
#[derive(Debug)]
pub(super) struct ClientHello {
    pub(super) random: Random,
    pub(super) cookie: Vec<u8>,
    pub(super) suites: Vec<u16>,
    pub(super) groups: Option<Vec<u16>>,
    pub(super) schemes: Option<Vec<u16>>,
    pub(super) profiles: Vec<u16>,
    pub(super) has_extended_secret: bool,
    pub(super) has_renegotiation: bool,
}

impl ClientHello {
    /// What we know.
    pub(super) fn ours(random: Random, cookie: &[u8], suites: Vec<u16>) -> Self {
        Self {
            random,
            cookie: cookie.to_vec(),
            suites,
            groups: Some(Group::ids().to_vec()),
            schemes: Some(signature::ALL.to_vec()),
            profiles: PROFILES.map(|(id, _)| id).to_vec(),
            has_extended_secret: true,
            has_renegotiation: true,
        }
    }

    pub(super) fn parse(body: &[u8]) -> Result<Self, Failure> {
        let mut reader = Reader::new(body);
        let version: [u8; 2] = reader.array().ok_or(Failure::Malformed)?;
        // Later versions have lower numbers.
        if version[0] != VERSION[0] || version[1] > VERSION[1] {
            return Err(Failure::Version);
        }
        Self::read(&mut reader).ok_or(Failure::Malformed)
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let random = reader.array()?;
        reader.vector(1)?;
        let cookie = reader.vector(1)?.to_vec();
        let suites = reader.list()?;
        reader.vector(1)?;
        let has_renegotiation = suites.contains(&RENEGOTIATION);
        let (groups, schemes, profiles) = (None, None, Vec::new());
        let has_extended_secret = false;
        let mut hello = Self {
            random,
            cookie,
            suites,
            groups,
            schemes,
            profiles,
            has_extended_secret,
            has_renegotiation,
        };
        for (id, content) in extensions(reader)? {
            hello.extend(id, Reader::new(content))?;
        }
        Some(hello)
    }

    fn extend(&mut self, id: u16, mut content: Reader<'_>) -> Option<()> {
        match id {
            extension::GROUPS => self.groups = Some(content.list()?),
            extension::SCHEMES => self.schemes = Some(content.list()?),
            extension::SRTP => self.profiles = content.list()?,
            extension::EXTENDED_SECRET => self.has_extended_secret = true,
            extension::RENEGOTIATION => self.has_renegotiation = true,
            _ => {}
        }
        Some(())
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let cookie = wire::vector(1, &self.cookie);
        let extensions = [
            print(extension::GROUPS, &wire::list(&Group::ids())),
            print(extension::POINTS, &UNCOMPRESSED),
            print(extension::SCHEMES, &wire::list(&signature::ALL)),
            print(extension::SRTP, &srtp(&self.profiles)),
            print(extension::EXTENDED_SECRET, &[]),
            print(extension::RENEGOTIATION, &[0]),
        ];
        let extensions = wire::vector(2, &extensions.concat());
        let suites = wire::list(&self.suites);
        [&VERSION[..], &self.random, &[0], &cookie, &suites, &UNCOMPRESSED_DATA, &extensions].concat()
    }

    /// The best way to protect media that we know too.
    pub(super) fn profile(&self) -> Option<(u16, Suite)> {
        PROFILES.into_iter().find(|(id, _)| self.profiles.contains(id))
    }
}

/// Points of curves are written out. So one may say, with nothing else to be said.
const UNCOMPRESSED: [u8; 2] = [1, 0];
/// No compression.
const UNCOMPRESSED_DATA: [u8; 2] = [1, 0];

/// What a server has chosen.
#[derive(Debug)]
pub(super) struct ServerHello {
    pub(super) random: Random,
    pub(super) suite: u16,
    pub(super) profile: Option<u16>,
    pub(super) has_extended_secret: bool,
    pub(super) has_renegotiation: bool,
}

impl ServerHello {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Failure> {
        let mut reader = Reader::new(body);
        if reader.array().ok_or(Failure::Malformed)? != VERSION {
            return Err(Failure::Version);
        }
        Self::read(&mut reader).ok_or(Failure::Malformed)
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let random = reader.array()?;
        reader.vector(1)?;
        let suite = reader.u16()?;
        let is_compressed = reader.u8()? != 0;
        let (profile, has_extended_secret, has_renegotiation) = (None, false, false);
        let mut hello = Self { random, suite, profile, has_extended_secret, has_renegotiation };
        for (id, content) in extensions(reader)? {
            match id {
                extension::SRTP => hello.profile = Reader::new(content).list()?.first().copied(),
                extension::EXTENDED_SECRET => hello.has_extended_secret = true,
                extension::RENEGOTIATION => hello.has_renegotiation = true,
                _ => {}
            }
        }
        (!is_compressed).then_some(hello)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let said = |is_said: bool, id, content: &[u8]| match is_said {
            true => print(id, content),
            false => Vec::new(),
        };
        let extensions = [
            print(extension::SRTP, &srtp(self.profile.as_slice())),
            print(extension::POINTS, &UNCOMPRESSED),
            said(self.has_extended_secret, extension::EXTENDED_SECRET, &[]),
            said(self.has_renegotiation, extension::RENEGOTIATION, &[0]),
        ];
        let extensions = wire::vector(2, &extensions.concat());
        [&VERSION[..], &self.random, &[0], &self.suite.to_be_bytes(), &[0], &extensions].concat()
    }
}

/// The cookie that a server wants to hear before it remembers anything (RFC 6347 section 4.2.1).
pub(super) fn cookie(body: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(body);
    reader.u16()?;
    reader.vector(1)
}

/// Ways to protect media, without an identifier of keys.
fn srtp(profiles: &[u16]) -> Vec<u8> {
    [wire::list(profiles), vec![0]].concat()
}

fn print(id: u16, content: &[u8]) -> Vec<u8> {
    [&id.to_be_bytes()[..], &wire::vector(2, content)].concat()
}

/// Extensions, which may all be missing.
fn extensions<'a>(reader: &mut Reader<'a>) -> Option<Vec<(u16, &'a [u8])>> {
    let mut extensions = Vec::new();
    if reader.is_empty() {
        return Some(extensions);
    }
    let mut reader = Reader::new(reader.vector(2)?);
    while !reader.is_empty() {
        extensions.push((reader.u16()?, reader.vector(2)?));
    }
    Some(extensions)
}
