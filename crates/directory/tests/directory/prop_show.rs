//! Whatever a directory holds, what is shown of it can be applied and changes nothing.

use std::fmt::Write;

use directory::{Directory, DirectoryFile};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::fixture::parse;

/// What is random about a directory; the rest follows from the places of entries in their lists.
#[derive(Debug)]
struct Plan {
    customers: Vec<String>,
    accounts: Vec<(u32, Index, String)>,
    devices: Vec<(Index, String, bool)>,
    users: Vec<(Index, String, Vec<Index>)>,
    trunks: Vec<(Index, Vec<String>, Vec<u8>)>,
    rates: Vec<(Index, String, u32, u32)>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let name = || "[a-zA-Zäß\"'\\\\=#\\[\\]☎]([ -~äß☎]{0,20}[!-~])?";
    let digits = || "[0-9]{0,6}";
    let customers = proptest::collection::btree_set(name(), 1..4);
    let accounts = vec((1..u32::MAX, any::<Index>(), name()), 1..6);
    let devices = vec((any::<Index>(), name(), any::<bool>()), 0..6);
    let users = vec((any::<Index>(), name(), vec(any::<Index>(), 0..3)), 0..4);
    let trunks = vec((any::<Index>(), vec(digits(), 0..4), vec(any::<u8>(), 0..4)), 0..4);
    let rates = vec((any::<Index>(), digits(), 1..86_400_u32, 0..1_000_000_u32), 0..5);
    (customers, accounts, devices, users, trunks, rates).prop_map(
        |(customers, mut accounts, devices, users, trunks, rates)| {
            accounts.sort_by_key(|account| account.0);
            accounts.dedup_by_key(|account| account.0);
            let customers = customers.into_iter().collect();
            Plan { customers, accounts, devices, users, trunks, rates }
        },
    )
}

impl Plan {
    fn account(&self, at: &Index) -> u32 {
        at.get(&self.accounts).0
    }

    fn customer_of(&self, account: u32) -> &str {
        let account = self.accounts.iter().find(|entry| entry.0 == account).expect("it is one of them");
        account.1.get::<String>(&self.customers)
    }

    fn write(&self) -> String {
        let mut text = "realm = 'r'\n".to_owned();
        self.write_parties(&mut text).expect("a string takes all");
        self.write_devices(&mut text).expect("a string takes all");
        self.write_users(&mut text).expect("a string takes all");
        self.write_trunks(&mut text).expect("a string takes all");
        self.write_rates(&mut text).expect("a string takes all");
        text
    }

    fn write_parties(&self, text: &mut String) -> std::fmt::Result {
        for name in &self.customers {
            let (days, name) = (name.len(), quoted(name));
            let keep = if days % 2 == 0 {
                format!(
                    "keep_days = {days}\nkeep_recordings_days = 0\nhidden_cdr_fields = [\"vendor-price\", \"pai-in\"]\n"
                )
            } else {
                String::new()
            };
            write!(
                text,
                "[[customers]]\nname = {name}\n{keep}[[centers]]\nname = {name}\ncustomer = {name}\n"
            )?;
        }
        for (id, customer, name) in &self.accounts {
            let customer = quoted(customer.get::<String>(&self.customers));
            let center = if id % 2 == 0 { format!("center = {customer}\n") } else { String::new() };
            write!(
                text,
                "[[accounts]]\nid = {id}\nname = {}\ncustomer = {customer}\n{center}{}{}",
                quoted(name),
                limits(*id),
                billing(*id)
            )?;
            text.push_str(&rings("accounts", *id));
            write!(text, "[[services]]\naccount = {id}\nname = {}\ntype = \"PBX\"\n", quoted(name))?;
            write!(text, "starts_at = 2026-01-02T03:04:05Z\ninitial_price = \"0.{id}\"\n")?;
            if id % 2 == 0 {
                write!(text, "renew_period = \"month\"\nrenew_price = \"0.{id}\"\n")?;
                writeln!(text, "ends_at = 2027-01-02T03:04:05.678Z")?;
            }
        }
        Ok(())
    }

    fn write_devices(&self, text: &mut String) -> std::fmt::Result {
        for (at, (account, name, is_shown)) in self.devices.iter().enumerate() {
            let (account, name) = (self.account(account), quoted(name));
            write!(
                text,
                "[[devices]]\nsip_user = \"d{at}\"\naccount = {account}\nmac = \"0000000000{at:02}\"\n"
            )?;
            writeln!(text, "secret = {name}")?;
            if *is_shown {
                writeln!(
                    text,
                    "networks = [\"10.{at}.0.0/16\"]\ntransports = [\"tls\", \"tcp\"]\nencryption = \"require\""
                )?;
                write!(text, "caller_id = \"+49{at}\"\ncaller_name = {name}\n")?;
            }
            text.push_str(&rings("devices", 31 * at as u32));
            write!(text, "[[extensions]]\naccount = {account}\nnumber = \"{at}\"\nname = {name}\n")?;
            writeln!(text, "devices = [\"d{at}\"]")?;
            write!(text, "[[numbers]]\nnumber = \"+{at}\"\naccount = {account}\nextension = \"{at}\"\n")?;
            writeln!(text, "screen_pop = {name}")?;
        }
        Ok(())
    }

    fn write_users(&self, text: &mut String) -> std::fmt::Result {
        for (at, (account, name, listed)) in self.users.iter().enumerate() {
            let customer = self.customer_of(self.account(account));
            let mut accounts: Vec<_> = listed.iter().map(|at| self.account(at)).collect();
            accounts.retain(|account| self.customer_of(*account) == customer);
            accounts.sort_unstable();
            accounts.dedup();
            let (customer, name) = (quoted(customer), quoted(name));
            write!(
                text,
                "[[users]]\nlogin = \"u{at}\"\ncustomer = {customer}\npassword = {name}\nname = {name}\n"
            )?;
            write!(
                text,
                "role = \"viewer\"\nprofile = {}\naccounts = {accounts:?}\ncenters = [{customer}]\n",
                1 + at % 3
            )?;
            writeln!(text, "networks = [\"10.{at}.0.0/16\", \"2001:db8::{at}\"]")?;
        }
        Ok(())
    }

    fn write_trunks(&self, text: &mut String) -> std::fmt::Result {
        for (at, (account, prefixes, sources)) in self.trunks.iter().enumerate() {
            let mut sources: Vec<_> =
                sources.iter().map(|byte| format!("192.{at}.2.{byte}:{}", 5060 + at)).collect();
            sources.sort();
            sources.dedup();
            let (account, customer) = (self.account(account), quoted(&self.customers[0]));
            write!(text, "[[trunks]]\nname = \"t{at}\"\naccount = {account}\nhost = \"h{at}\"\n")?;
            write!(
                text,
                "sources = {sources:?}\ntransit = true\naccepted_transports = [\"tls\"]\nencryption = \"prefer\"\ncustomers = [{customer}]\n"
            )?;
            text.push_str(&limits(account));
            if at % 2 == 0 {
                writeln!(text, "auth = {{ user = \"u{at}\", password = {customer}, realm = 'r{at}' }}")?;
                write!(text, "register = true\nregister_seconds = {}\nprobe_seconds = {at}\n", 60 + at)?;
            }
            let mut prefixes = prefixes.clone();
            text.push_str(&webhook(at, account));
            prefixes.sort();
            prefixes.dedup();
            for prefix in prefixes {
                write!(
                    text,
                    "[[trunks.routes]]\nprefix = \"{prefix}\"\nstrip = {at}\nprepend = \"+{at}\"\n"
                )?;
            }
        }
        Ok(())
    }

    fn write_rates(&self, text: &mut String) -> std::fmt::Result {
        let mut seen = std::collections::HashSet::new();
        text.push_str("[[profiles]]\nid = 2\ndeny = [\"recordings\", \"account\"]\n");
        text.push_str("[[profiles]]\nid = 3\ndeny = []\n[[rateplans]]\nname = \"p\"\n");
        for (account, prefix, seconds, price) in &self.rates {
            let account = self.account(account);
            if seen.insert((account, prefix)) {
                write!(text, "[[rateplans.rates]]\nprefix = \"{prefix}\"\nenabled = {}\n", price % 2 == 0)?;
                write!(text, "initial_interval = {seconds}\ninitial_rate = \"0.{price}\"\n")?;
                write!(text, "next_interval = {seconds}\nnext_rate = \"{price}\"\n")?;
                write!(text, "connect_fee = \"0.{price}\"\nattempt_fee = \"{price}\"\n")?;
                write!(text, "number_min_length = {}\nreject_calls = {}\n", price % 100, price % 3 == 0)?;
                writeln!(text, "valid_from = 2026-01-02T03:04:05.{price:06}Z")?;
                write!(
                    text,
                    "valid_till = 2027-01-02T03:04:05+01:00\nrouting_tags = [\"x\", \"{account}\"]\n"
                )?;
            }
        }
        Ok(())
    }
}

/// Some limits: which, and how high, `seed` says.
fn limits(seed: u32) -> String {
    let keys = ["calls", "outgoing_calls", "incoming_calls", "calls_per_second", "max_call_seconds"];
    let chosen = keys.iter().enumerate().filter(|(at, _)| seed & (1 << at) != 0);
    let fields: Vec<_> = chosen.map(|(at, key)| format!("{key} = {}", 1 + seed % 1000 + at as u32)).collect();
    format!("limits = {{ {} }}\n", fields.join(", "))
}

/// Some rules of how phones ring: what they name, `seed` says.
fn rings(of: &str, seed: u32) -> String {
    let fields = [
        r#"from = "outside""#,
        r#"callers = ["49301", "10"]"#,
        r#"dialed = ["700", "+4930"]"#,
        r#"alert_info = "<http://127.0.0.1>;info=\"a b\"""#,
        r#"call_info = "<http://127.0.0.1/a.png>;purpose=icon""#,
    ];
    let rule = |seed: u32| {
        let chosen = fields.iter().enumerate().filter(|(at, _)| seed & (1 << at) != 0);
        let fields: String = chosen.map(|(_, field)| format!("{field}\n")).collect();
        format!("[[{of}.rings]]\n{fields}")
    };
    (0..seed % 3).map(|more| rule(seed / 3 + 7 * more)).collect()
}

/// Some money: what, `seed` says.
fn billing(seed: u32) -> String {
    let amount = |key: &str| format!("{key} = \"-{}.{seed}\"", seed % 10_000);
    let fields = [
        format!("currency = \"A{}\"", if seed.is_multiple_of(2) { "BC" } else { "CB" }),
        amount("starting_balance"),
        amount("min_balance"),
        amount("max_balance"),
        format!("max_rate = \"0.{seed}\""),
        format!("vat = \"{}\"", seed % 100),
        format!("routing_tags = [\"{seed}\", \"y\"]"),
        "origination_rateplan = \"p\"".to_owned(),
        "termination_rateplan = \"p\"".to_owned(),
    ];
    let chosen = fields.into_iter().enumerate().filter(|(at, _)| seed & (1 << at) != 0);
    format!("billing = {{ {} }}\n", chosen.map(|(_, field)| field).collect::<Vec<_>>().join(", "))
}

/// A webhook, for what happens on a trunk.
fn webhook(at: usize, account: u32) -> String {
    let format = ["types = [\"leg\", \"call.started\"]", "format = \"vonage\"", "format = \"yeti\""][at % 3];
    format!(
        "[[webhooks]]\naccount = {account}\nname = \"w{at}\"\nurl = \"http://h{at}:{at}/a?b={at}\"\n{format}\n\
         trunk = \"t{at}\"\nsecret = \"whsec_bm90IHRoZSBzZWNyZXQgb2YgYW55Ym9keSBhbGl2ZQ==\"\n"
    )
}

/// A TOML string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn applying_what_is_shown_changes_nothing(plan in plan()) {
        let directory = Directory::in_memory().unwrap();
        directory.apply(&parse(&plan.write())).unwrap();
        let shown = directory.snapshot().to_toml();
        prop_assert_eq!(directory.apply(&parse(&shown)).unwrap().to_string(), "no changes");
        directory.reload().unwrap();
        prop_assert_eq!(directory.snapshot().to_toml(), shown);
    }

    #[test]
    fn no_text_makes_the_reading_panic(text in "(\\[\\[?[a-z.]{0,9}\\]?\\]|[a-z_]{1,9} = |[\"'{},\\[0-9a-z\\-]|\n){0,60}") {
        if let Err(error) = DirectoryFile::parse("x", &text) {
            prop_assert!(error.to_string().starts_with("x:"));
        }
    }
}
