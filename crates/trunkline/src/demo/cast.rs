//! Who is in the demo: a customer with phones, and a carrier. Secrets are made anew at each start.

use std::net::SocketAddr;

use uuid::Uuid;

use super::plan::{ANSWERING, BUSY, OWN_NUMBER, SILENT};

/// The customer.
pub const CUSTOMER: &str = "Harbour Telephone";
/// Its user.
pub const LOGIN: &str = "demo";
/// Its account.
pub const ACCOUNT: u32 = 1234;
/// The phone that a visitor may register as, and its extension.
pub const VISITOR: &str = ANSWERING[0];

/// The demo's secrets.
pub struct Cast {
    /// Password of the user.
    pub password: String,
    /// Bearer token of the account.
    pub token: String,
    /// Secret of every phone but for the visitor's.
    pub secret: String,
    /// Secret of the visitor's phone.
    pub visitor_secret: String,
    /// The account's UUID.
    pub account_uuid: Uuid,
}

impl Cast {
    /// New secrets.
    pub fn new() -> Self {
        let secret = || Uuid::new_v4().simple().to_string();
        let account_uuid = Uuid::new_v4();
        Self { password: secret(), token: secret(), secret: secret(), visitor_secret: secret(), account_uuid }
    }

    /// The secret of a phone.
    pub fn secret_of(&self, extension: &str) -> &str {
        if extension == VISITOR { &self.visitor_secret } else { &self.secret }
    }

    /// The directory file. `carrier` is where the carrier's SIP comes from and goes to.
    pub fn directory(&self, carrier: SocketAddr) -> String {
        let phones: String = phones().map(|(at, extension, name)| self.phone(at, extension, name)).collect();
        format!(
            include_str!("cast/directory.toml"),
            CUSTOMER = CUSTOMER,
            ACCOUNT = ACCOUNT,
            LOGIN = LOGIN,
            VISITOR = VISITOR,
            OWN_NUMBER = OWN_NUMBER,
            account_uuid = self.account_uuid,
            password = self.password,
            carrier = carrier,
            ip = carrier.ip(),
            port = carrier.port(),
            phones = phones,
        )
    }

    fn phone(&self, at: usize, extension: &str, name: &str) -> String {
        let secret = self.secret_of(extension);
        format!(
            r#"
[[devices]]
account = {ACCOUNT}
sip_user = "{extension}"
mac = "02-00-00-00-10-{at:02X}"
secret = "{secret}"
caller_name = "{name}"

[[extensions]]
account = {ACCOUNT}
number = "{extension}"
name = "{name}"
devices = ["{extension}"]
"#
        )
    }
}

/// Every phone: its place, its extension (which is its SIP user too) and the person at it.
pub fn phones() -> impl Iterator<Item = (usize, &'static str, &'static str)> {
    let names = ["Ada", "Ben", "Cleo", "Dana", "Eli", "Finn"];
    let extensions = ANSWERING.into_iter().chain([BUSY, SILENT]);
    extensions.zip(names).enumerate().map(|(at, (extension, name))| (at + 1, extension, name))
}

#[cfg(test)]
mod tests {
    use directory::DirectoryFile;

    use super::*;

    #[test]
    fn the_directory_of_the_demo_has_no_mistakes() {
        let text = Cast::new().directory(([127, 0, 0, 1], 5060).into());
        assert!(DirectoryFile::parse("directory.toml", &text).is_ok(), "{text}");
    }
}
