//! Two customers with calls, phones and exports, and what the one must not see of the other.

use std::{fmt, time::Duration};

use call::{AccountId, Timestamp, party::Transport};
use directory::{
    Author,
    model::{Area, Invoice, InvoiceLine, NumberlistId, Payment, Scope, WebhookFormat},
    network::{network_prefixes, network_types, networks},
};
use history::{ExportStatus, NewExport, RecordQuery, export::ExportFormat, query::SideFilter};
use http_core::{Rights, config::StaticToken};
use switch::{
    Registration,
    simulated::{Party, SimulatedCall},
};
use webhooks::NewHook;
use yeti::export::CdrFile;

use crate::harness::{Answer, NOW, PASSWORD, Server, Talk};

/// The server and both customers.
pub struct World {
    pub server: Server,
    pub acme: Estate,
    pub globex: Estate,
}

/// Something of everything that a customer can have.
pub struct Estate {
    pub customer: &'static str,
    pub login: &'static str,
    pub bearer: &'static str,
    pub account: u32,
    pub uuid: &'static str,
    pub extension: &'static str,
    device: &'static str,
    /// A call that is over.
    pub ended: String,
    export: String,
    /// The number of a call between two of its accounts.
    cdr: String,
    pub rateplan: String,
    rate: String,
    pub list: String,
    pub payment: String,
    pub service: String,
    transaction: String,
    pub invoice: String,
    /// A webhook.
    hook: String,
    /// A webhook for call events in Vonage's shape.
    call_hook: String,
    /// A number in the list.
    pub item: String,
    live: SimulatedCall,
    /// Texts that belong to the customer alone.
    secrets: Vec<String>,
}

/// What the usual directory has none of.
const MORE: &str = r#"
[[applications]]
client_id = "dialer"
name = "A dialer"
account = 1001
secret = "a secret of the dialer"

[[numberlists]]
id = 1
name = "Acme's list"
customer = "Acme"

[[numberlists]]
id = 2
name = "Globex's list"
customer = "Globex"

[[services]]
account = 1001
name = "Acme's seats"
type = "Hosted PBX"
initial_price = "5"
starts_at = 2026-01-01T00:00:00Z

[[services]]
account = 2001
name = "Globex's seats"
type = "Hosted PBX"
initial_price = "5"
starts_at = 2026-01-01T00:00:00Z
"#;

impl World {
    /// What a user who signs in sends in `Authorization`.
    pub async fn bearer_of(&self, login: &str) -> String {
        let fields = [
            ("grant_type", "password"),
            ("username", &format!("{login}@vbc.prod")),
            ("password", PASSWORD),
            ("client_id", "dialer"),
            ("client_secret", "a secret of the dialer"),
        ];
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let asked = self.server.post("/token").header("content-type", "application/x-www-form-urlencoded");
        let answer = asked.body(form).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        format!("Bearer {}", answer.json()["access_token"].as_str().unwrap())
    }
}

/// Who asks.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    None,
    Wrong,
    Of(&'a Estate),
    /// Somebody of Acme who may only look, with this bearer token.
    Looking(&'a str),
}

/// What is known of a customer before the server runs.
struct Plan {
    customer: &'static str,
    login: &'static str,
    bearer: &'static str,
    account: u32,
    uuid: &'static str,
    extension: &'static str,
    phone: &'static str,
    device: &'static str,
    trunk: &'static str,
    number: &'static str,
    secrets: [&'static str; 4],
    list: u32,
    key: &'static str,
}

const ACME: Plan = Plan {
    customer: "Acme",
    login: "ann",
    bearer: "Bearer acme-token",
    account: 1001,
    uuid: "10010000-0000-4000-8000-000000000001",
    extension: "101",
    phone: "acme-101",
    device: "38-99-62-00-01-01",
    trunk: "acme-trunk",
    number: "+14155550199",
    secrets: ["Acme", "acme", "Ann Lee", "389962000101"],
    list: 1,
    key: "3311110",
};
const GLOBEX: Plan = Plan {
    customer: "Globex",
    login: "gil",
    bearer: "Bearer globex-token",
    account: 2001,
    uuid: "20010000-0000-4000-8000-000000000001",
    extension: "201",
    phone: "globex-201",
    device: "38-99-62-00-02-01",
    trunk: "globex-trunk",
    number: "+442079460123",
    secrets: ["Globex", "globex", "Gil Globex", "389962000201"],
    list: 2,
    key: "3322220",
};

fn token(plan: &Plan) -> StaticToken {
    StaticToken::of(plan.bearer.trim_start_matches("Bearer "), AccountId(plan.account))
}

impl World {
    pub async fn new() -> Self {
        let tokens = vec![token(&ACME), token(&GLOBEX)];
        let server = Server::start_with(|config| config.http.tokens = tokens.into()).await;
        server.change_directory(|text| format!("{text}{MORE}"));
        let (acme, globex) = (Estate::new(&server, ACME).await, Estate::new(&server, GLOBEX).await);
        Self { server, acme, globex }
    }

    /// From now on Acme's user and token are let near these areas alone.
    pub fn let_near(&self, areas: &[Area]) {
        let words: Vec<_> = areas.iter().map(|area| area.name()).collect();
        let login = format!("login = \"{}\"", ACME.login);
        let scoped = format!("{login}\nscopes = {words:?}");
        self.server.change_directory(|text| format!("{text}{MORE}").replace(&login, &scoped));
        let rights = Rights { scope: Scope::of(areas), ..Rights::ALL };
        self.server.app.config.tokens.replace(vec![StaticToken { rights, ..token(&ACME) }, token(&GLOBEX)]);
    }

    /// Whether the live calls of both go on.
    pub fn has_live_calls(&self) -> bool {
        self.acme.has_live_call(&self.server) && self.globex.has_live_call(&self.server)
    }
}

impl Estate {
    async fn new(server: &Server, plan: Plan) -> Self {
        let (phone, outside) = (server.phone(plan.phone), server.outside(plan.trunk, plan.number));
        register(server, &phone, plan.phone);
        let talk = |minutes: u64| Talk {
            began_at: minutes_ago(minutes),
            answered_after: Duration::from_secs(5),
            talked: Duration::from_secs(60),
        };
        let ended = server.talked_call(phone.clone(), outside.clone(), talk(90)).await;
        let incoming = server.talked_call(outside.clone(), phone.clone(), talk(80)).await;
        let live = server.live_call(phone, outside, talk(10)).await;
        let export = export(server, AccountId(plan.account)).await;
        let cdr = cdr(server, AccountId(plan.account)).await;
        let digits = plan.number.trim_start_matches('+').to_owned();
        let ended_id = ended.id().to_string();
        let ids = [&ended, &incoming, &live].map(|call| call.id().to_string());
        let legs = live.legs().into_iter().map(|leg| leg.to_string());
        let keys = [(plan.key.into(), None)];
        let book = server.app.config.directory.clone().unwrap();
        let items = book.by(Author::server()).add_numberlist_items(NumberlistId(plan.list), &keys).unwrap();
        let (list, item) = (plan.list.to_string(), items[0].id.0.to_string());
        let key = plan.key.to_owned();
        let payment = Payment {
            uuid: uuid::Uuid::new_v4(),
            account: AccountId(plan.account),
            amount: 5.into(),
            notes: Some(plan.customer.into()),
            created_at: NOW,
        };
        book.by(Author::server()).record_payment(&payment).unwrap();
        let directory = server.directory();
        let service = directory.services_of(AccountId(plan.account)).next().unwrap();
        let charge = service.charges(NOW).next().unwrap();
        let invoice = Invoice {
            uuid: uuid::Uuid::new_v4(),
            account: AccountId(plan.account),
            reference: format!("invoice of {}", plan.customer).into(),
            period: NOW - Duration::from_secs(86_400)..NOW,
            created_at: NOW,
            lines: vec![InvoiceLine::default()],
        };
        book.by(Author::server()).record_invoice(&invoice).unwrap();
        let wanted = NewHook { url: format!("https://{}.example.org/", plan.phone), ..NewHook::default() };
        let hooks = &server.app.config.webhooks;
        let of_calls = NewHook { format: WebhookFormat::Vonage, ..wanted.clone() };
        let hook = hooks.register(AccountId(plan.account), wanted, (NOW, 0)).unwrap();
        let call_hook = hooks.register(AccountId(plan.account), of_calls, (NOW, 0)).unwrap();
        let (rateplan, rate) = rateplan(server, AccountId(plan.account));
        let own = plan.secrets.into_iter().chain([plan.uuid, plan.device]).map(str::to_owned);
        let secrets = own
            .chain(ids)
            .chain(legs)
            .chain([digits, export.clone(), rateplan.clone(), rate.clone(), key])
            .collect();
        let Plan { customer, login, bearer, account, uuid, extension, device, .. } = plan;
        Self {
            customer,
            login,
            bearer,
            account,
            uuid,
            extension,
            device,
            ended: ended_id,
            export,
            cdr,
            rateplan,
            rate,
            list,
            payment: payment.uuid.to_string(),
            service: service.uuid.to_string(),
            transaction: charge.uuid(service.uuid).to_string(),
            invoice: invoice.uuid.to_string(),
            hook: hook.id.to_string(),
            call_hook: call_hook.id.to_string(),
            item,
            live,
            secrets,
        }
    }

    /// What stands for the names in a sample's path.
    pub fn names(&self) -> [(&'static str, String); 27] {
        [
            ("account", self.account.to_string()),
            ("uuid", self.uuid.to_owned()),
            ("export", self.export.clone()),
            ("cdr", self.cdr.clone()),
            ("rateplan", self.rateplan.clone()),
            ("rate", self.rate.clone()),
            ("list", self.list.clone()),
            ("item", self.item.clone()),
            ("payment", self.payment.clone()),
            ("service", self.service.clone()),
            ("transaction", self.transaction.clone()),
            ("invoice", self.invoice.clone()),
            ("country", "276".to_owned()),
            ("network-type", network_types()[0].uuid.to_string()),
            ("network", networks()[0].uuid.to_string()),
            ("network-prefix", network_prefixes()[0].uuid.to_string()),
            ("call", self.live.id().to_string()),
            ("leg", self.live.legs().first().map(ToString::to_string).unwrap_or_default()),
            ("device", self.device.to_owned()),
            ("extension", self.extension.to_owned()),
            ("hook", self.hook.clone()),
            ("webhook", self.call_hook.clone()),
            ("event", self.live.id().to_string()),
            ("number", "1".to_owned()),
            ("recording", "0".to_owned()),
            ("operation", "ListCallRecordsRequest".to_owned()),
            ("verb", "hold".to_owned()),
        ]
    }

    /// Whether its live call goes on.
    pub fn has_live_call(&self, server: &Server) -> bool {
        server.app.live.snapshot().call(AccountId(self.account), self.live.id()).is_some()
            && !self.live.is_over()
    }

    /// Whether an answer tells something of this customer.
    pub fn is_seen(&self, answer: &Answer) -> bool {
        let body = String::from_utf8_lossy(&answer.body);
        self.secrets.iter().any(|secret| body.contains(secret.as_str()))
    }

    /// Checks that an answer tells nothing of this customer, except for what the request itself `sent`.
    #[track_caller]
    pub fn check_unseen(&self, answer: &Answer, asked: &impl fmt::Display, sent: &str) {
        let headers = format!("{:?}", answer.headers);
        let body = String::from_utf8_lossy(&answer.body);
        for secret in self.secrets.iter().filter(|secret| !sent.contains(secret.as_str())) {
            assert!(!body.contains(secret.as_str()), "{asked} tells {secret}: {body}");
            assert!(!headers.contains(secret.as_str()), "{asked} tells {secret}: {headers}");
        }
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "without credentials",
            Self::Wrong => "with wrong credentials",
            Self::Of(estate) => estate.login,
            Self::Looking(_) => "a viewer",
        })
    }
}

fn minutes_ago(minutes: u64) -> Timestamp {
    NOW - Duration::from_secs(60 * minutes)
}

fn register(server: &Server, phone: &Party, name: &str) {
    server.switch.register(Registration {
        device: phone.endpoint.device().unwrap(),
        account: phone.owner.account,
        contact: format!("sip:{name}@198.51.100.1:5062").into(),
        source: ([198, 51, 100, 1], 5062).into(),
        transport: Transport::Udp,
        user_agent: Some(format!("{name}/1.0").into()),
        requested_at: minutes_ago(5),
        registered_at: minutes_ago(5),
        expires_at: NOW + Duration::from_secs(3_600),
    });
}

/// The number of the latest call that an account sent.
async fn cdr(server: &Server, account: AccountId) -> String {
    let query = RecordQuery { side: SideFilter::Originated, ..RecordQuery::newest(vec![account], 1) };
    server.app.history.search(query).await.unwrap().records[0].serial.to_string()
}

/// The ids of the rate plan that an account pays by, and of its first rate.
fn rateplan(server: &Server, account: AccountId) -> (String, String) {
    let directory = server.directory();
    let plan = directory.account(account).and_then(|account| account.billing.origination_rateplan);
    let plan = plan.and_then(|plan| directory.rateplan(plan)).unwrap();
    (plan.uuid.to_string(), plan.rates[0].uuid.to_string())
}

/// A completed export of an account's calls.
async fn export(server: &Server, account: AccountId) -> String {
    let request = r#"{"started_from_micros":0,"started_before_micros":9000000000000000,"answered":null,"seconds":null,"seconds_from":null,"seconds_to":null,"caller":null,"called":null,"time_format":null,"time_zone":"Unsaid"}"#;
    let history = &server.app.history;
    let customer = server.directory().account(account).unwrap().customer;
    let (format, request) = (CdrFile::ALL[0].name().to_owned(), request.to_owned());
    let job = NewExport { customer, account, format, request, created_at: NOW };
    let job = history.create_export(job).await.unwrap();
    while history.export(vec![account], job.id).await.unwrap().unwrap().status == ExportStatus::Pending {
        tokio::task::yield_now().await;
    }
    job.id.to_string()
}
