//! Writing a directory as a file that, when applied, changes nothing.

use std::{
    fmt::{self, Display, Write},
    time::Duration,
};

use call::{CenterId, CustomerId, DeviceId, Number, Timestamp};
use rust_decimal::Decimal;
use toml::Value;
use uuid::Uuid;

use crate::{
    country::alpha2_of,
    mac::Dashed,
    model::{
        Account, Application, Area, Billing, CallingRules, Center, Customer, Device, DidNumber, Extension,
        Hours, KeepDays, Limits, Numberlist, PlanRate, PrefixRoute, Profile, RatePlan, RingRule, Service,
        SpendingLimits, Trunk, TrunkSource, User, Webhook,
    },
    snapshot::Snapshot,
    words::Word,
};

/// One entry of a directory.
pub(crate) enum Entry<'e> {
    Customer(&'e Customer),
    Center(&'e Center),
    Account(&'e Account),
    Device(&'e Device),
    Extension(&'e Extension),
    DidNumber(&'e DidNumber),
    User(&'e User),
    Application(&'e Application),
    Trunk(&'e Trunk),
    RatePlan(&'e RatePlan),
    Profile(&'e Profile),
    Numberlist(&'e Numberlist),
    Service(&'e Service),
    Webhook(&'e Webhook),
}

impl Snapshot {
    /// An entry alone, as the text of a file has it.
    pub(crate) fn shown(&self, entry: Entry<'_>) -> String {
        let mut text = Text::default();
        match entry {
            Entry::Customer(customer) => print_customer(customer, &mut text),
            Entry::Center(center) => self.print_center(center, &mut text),
            Entry::Account(account) => self.print_account(account, &mut text),
            Entry::Device(device) => print_device(device, &mut text),
            Entry::Extension(extension) => self.print_extension(extension, &mut text),
            Entry::DidNumber(number) => print_number(number, &mut text),
            Entry::User(user) => self.print_user(user, &mut text),
            Entry::Application(application) => print_application(application, &mut text),
            Entry::Trunk(trunk) => self.print_trunk(trunk, &mut text),
            Entry::RatePlan(plan) => print_rateplan(plan, &mut text),
            Entry::Profile(profile) => print_profile(profile, &mut text),
            Entry::Numberlist(list) => self.print_numberlist(list, &mut text),
            Entry::Service(service) => print_service(service, &mut text),
            Entry::Webhook(webhook) => self.print_webhook(webhook, &mut text),
        }
        text.0
    }

    /// The directory as the text of a file, with hashes and digests in place of secrets.
    pub fn to_toml(&self) -> String {
        let entries = self.entries();
        let mut text = Text::default();
        text.field("realm", &*entries.realm);
        entries.customers.iter().for_each(|customer| print_customer(customer, text.table("customers")));
        entries.centers.iter().for_each(|center| self.print_center(center, text.table("centers")));
        entries.rateplans.iter().for_each(|plan| print_rateplan(plan, text.table("rateplans")));
        entries.accounts.iter().for_each(|account| self.print_account(account, text.table("accounts")));
        entries.devices.iter().for_each(|device| print_device(device, text.table("devices")));
        entries.extensions.iter().for_each(|ext| self.print_extension(ext, text.table("extensions")));
        entries.numbers.iter().for_each(|number| print_number(number, text.table("numbers")));
        entries.profiles.iter().for_each(|profile| print_profile(profile, text.table("profiles")));
        entries.users.iter().for_each(|user| self.print_user(user, text.table("users")));
        let applications = entries.applications.iter();
        applications.for_each(|application| print_application(application, text.table("applications")));
        let numberlists = entries.numberlists.iter();
        numberlists.for_each(|list| self.print_numberlist(list, text.table("numberlists")));
        entries.services.iter().for_each(|service| print_service(service, text.table("services")));
        entries.trunks.iter().for_each(|trunk| self.print_trunk(trunk, text.table("trunks")));
        entries.webhooks.iter().for_each(|webhook| self.print_webhook(webhook, text.table("webhooks")));
        text.0
    }

    fn print_webhook(&self, webhook: &Webhook, text: &mut Text) {
        text.field("account", i64::from(webhook.account.0))
            .field("name", &*webhook.name)
            .field("url", &*webhook.url)
            .field("format", webhook.format.name())
            .list("types", webhook.types.iter().map(|kind| &**kind))
            .optional("extension", webhook.extension.as_ref().map(Number::as_str));
        let trunk = webhook.trunk.and_then(|trunk| self.trunk(trunk));
        text.optional("trunk", trunk.map(|trunk| &*trunk.name))
            .field("secret_sha256", &*webhook.secret.sha256);
    }

    fn print_numberlist(&self, list: &Numberlist, text: &mut Text) {
        text.field("id", i64::from(list.id.0))
            .field("name", &*list.name)
            .field("customer", self.name_of_customer(list.customer))
            .list("accounts", list.accounts.iter().map(|account| i64::from(account.0)))
            .field("mode", list.mode.word())
            .field("default_action", list.default_action.word());
    }

    fn print_center(&self, center: &Center, text: &mut Text) {
        text.field("name", &*center.name).field("customer", self.name_of_customer(center.customer));
    }

    fn print_account(&self, account: &Account, text: &mut Text) {
        text.field("id", i64::from(account.id.0))
            .field("uuid", account.uuid.to_string())
            .field("name", &*account.name)
            .field("customer", self.name_of_customer(account.customer));
        if let Some(center) = account.center {
            text.field("center", self.name_of_center(center));
        }
        print_limits(&account.limits, text);
        self.print_billing(&account.billing, text);
        print_calling(&account.calling, text);
        print_rings("accounts.rings", &account.rings, text);
    }

    fn print_billing(&self, billing: &Billing, text: &mut Text) {
        let plan =
            |uuid: Option<Uuid>| uuid.and_then(|uuid| self.rateplan(uuid)).map(|plan| quoted(&*plan.name));
        let money = [
            ("currency", Some(quoted(&*billing.currency))),
            ("starting_balance", Some(amount(billing.starting_balance))),
            ("min_balance", Some(amount(billing.min_balance))),
            ("max_balance", Some(amount(billing.max_balance))),
            ("max_rate", billing.max_rate.map(amount)),
            ("prepaid", billing.is_prepaid.then(|| "true".to_owned())),
        ];
        let prices = [
            ("vat", Some(amount(billing.vat))),
            ("routing_tags", quoted_list(billing.routing_tags.iter())),
            ("origination_rateplan", plan(billing.origination_rateplan)),
            ("termination_rateplan", plan(billing.termination_rateplan)),
        ];
        let fields = money.into_iter().chain(spending_fields(&billing.spending)).chain(prices);
        text.inner("billing", fields);
    }

    fn print_extension(&self, extension: &Extension, text: &mut Text) {
        text.field("account", i64::from(extension.account.0)).field("number", extension.number.as_str());
        text.optional("name", extension.name.as_deref());
        text.list("devices", extension.devices.iter().map(|id| self.name_of_device(*id)));
    }

    fn print_user(&self, user: &User, text: &mut Text) {
        text.field("login", &*user.login)
            .field("customer", self.name_of_customer(user.customer))
            .field("password_hash", &*user.password_hash)
            .field("name", &*user.name)
            .field("role", user.role.word())
            .list("accounts", user.accounts.iter().map(|id| i64::from(id.0)))
            .list("centers", user.centers.iter().map(|id| self.name_of_center(*id)))
            .list("networks", user.networks.iter().map(ToString::to_string))
            .list("scopes", user.scope.named().map(Area::name));
        if let Some((account, number)) = &user.extension {
            let number = Value::from(number.as_str());
            text.line("extension", format_args!("{{ account = {account}, number = {number} }}"));
        }
        text.field("profile", i64::from(user.profile.0));
    }

    fn print_trunk(&self, trunk: &Trunk, text: &mut Text) {
        text.field("name", &*trunk.name)
            .field("account", i64::from(trunk.account.0))
            .field("host", &*trunk.host)
            .field("port", i64::from(trunk.port))
            .field("transport", trunk.transport.word())
            .list("sources", trunk.sources.iter().map(TrunkSource::to_string))
            .list("accepted_transports", trunk.accepted_transports.iter().map(|transport| transport.word()))
            .field("transit", trunk.transit)
            .list("customers", trunk.customers.iter().map(|id| self.name_of_customer(*id)));
        print_limits(&trunk.limits, text);
        print_login(trunk, text);
        trunk.routes.iter().for_each(|route| print_route(route, text.table("trunks.routes")));
    }

    fn name_of_customer(&self, id: CustomerId) -> &str {
        self.customer(id).map_or("", |customer| &customer.name)
    }

    fn name_of_center(&self, id: CenterId) -> &str {
        self.center(id).map_or("", |center| &center.name)
    }

    fn name_of_device(&self, id: DeviceId) -> &str {
        self.device(id).map_or("", |device| &device.sip_user)
    }
}

fn print_customer(customer: &Customer, text: &mut Text) {
    let KeepDays { calls, recordings } = customer.keep;
    text.field("name", &*customer.name);
    text.number("keep_days", calls).number("keep_recordings_days", recordings);
    text.list("hidden_cdr_fields", customer.hidden.0.iter().copied());
}

fn print_device(device: &Device, text: &mut Text) {
    text.field("sip_user", &*device.sip_user)
        .field("account", i64::from(device.account.0))
        .field("mac", Dashed(device.mac).to_string())
        .field("ha1_md5", &*device.ha1_md5)
        .field("ha1_sha256", &*device.ha1_sha256)
        .optional("caller_id", device.caller_id.as_ref().map(|number| number.as_str()))
        .optional("caller_name", device.caller_name.as_deref());
    print_limits(&device.limits, text);
    text.inner("spending", spending_fields(&device.spending));
    text.list("networks", device.ways.networks.iter().map(ToString::to_string));
    text.list("transports", device.ways.transports.iter().map(|transport| transport.word()));
    text.optional("encryption", device.encryption.map(Word::word));
    print_rings("devices.rings", &device.rings, text);
}

fn print_rings(path: &str, rules: &[RingRule], text: &mut Text) {
    for rule in rules {
        text.table(path)
            .optional("from", rule.from.map(Word::word))
            .list("callers", rule.callers.iter().map(String::as_str))
            .list("dialed", rule.dialed.iter().map(Number::as_str))
            .optional("alert_info", rule.alert_info.as_deref())
            .optional("call_info", rule.call_info.as_deref());
    }
}

fn spending_fields(limits: &SpendingLimits) -> [(&'static str, Option<String>); 4] {
    let minutes = |minutes: Option<u32>| minutes.map(|minutes| minutes.to_string());
    [
        ("spend_per_hour", limits.hourly.price.map(amount)),
        ("spend_per_day", limits.daily.price.map(amount)),
        ("minutes_per_hour", minutes(limits.hourly.minutes)),
        ("minutes_per_day", minutes(limits.daily.minutes)),
    ]
}

/// Where and when calls may go; left out if everything may.
fn print_calling(rules: &CallingRules, text: &mut Text) {
    if *rules == CallingRules::default() {
        return;
    }
    let countries = |codes: &[u16]| quoted_list(codes.iter().filter_map(|code| alpha2_of(*code)));
    let zone = rules.time_zone.iana_name().unwrap_or("UTC");
    let fields = [
        ("countries", countries(&rules.countries)),
        ("blocked_countries", countries(&rules.blocked_countries)),
        ("prefixes", quoted_list(rules.prefixes.iter())),
        ("blocked_prefixes", quoted_list(rules.blocked_prefixes.iter())),
        ("hours", quoted_list(rules.hours.iter().map(Hours::to_string))),
        ("time_zone", Some(quoted(zone))),
    ];
    text.inner("calling", fields);
}

fn quoted(text: impl AsRef<str>) -> String {
    Value::from(text.as_ref()).to_string()
}

fn amount(amount: Decimal) -> String {
    quoted(amount.to_string())
}

/// Nothing if there are no items.
fn quoted_list<T: AsRef<str>>(items: impl Iterator<Item = T>) -> Option<String> {
    let items: Vec<String> = items.map(quoted).collect();
    (!items.is_empty()).then(|| format!("[{}]", items.join(", ")))
}

/// The limits; left out if there are none.
fn print_limits(limits: &Limits, text: &mut Text) {
    let seconds = limits.max_call_length.map(|length| length.as_secs());
    let fields = [
        ("calls", limits.calls.map(u64::from)),
        ("outgoing_calls", limits.outgoing_calls.map(u64::from)),
        ("incoming_calls", limits.incoming_calls.map(u64::from)),
        ("calls_per_second", limits.calls_per_second.map(u64::from)),
        ("max_call_seconds", seconds),
    ];
    text.inner("limits", fields);
}

fn print_application(application: &Application, text: &mut Text) {
    text.field("client_id", &*application.client_id)
        .field("name", &*application.name)
        .field("account", i64::from(application.account.0))
        .optional("secret_sha256", application.secret_sha256.as_deref())
        .list("redirect_uris", application.redirect_uris.iter().map(|uri| &**uri))
        .list("scopes", application.scope.named().map(Area::name));
}

/// How we log in to a trunk, and how it is watched.
fn print_login(trunk: &Trunk, text: &mut Text) {
    if let Some(auth) = &trunk.auth {
        text.line(
            "auth",
            format_args!(
                "{{ user = {}, realm = {}, ha1_md5 = {}, ha1_sha256 = {} }}",
                quoted(&auth.user),
                quoted(&auth.realm),
                quoted(&auth.ha1_md5),
                quoted(&auth.ha1_sha256)
            ),
        );
    }
    text.field("register", trunk.registration.is_some());
    if let Some(length) = trunk.registration {
        text.field("register_seconds", seconds(length));
    }
    text.field("probe_seconds", trunk.probe.map_or(0, seconds));
    text.field("identity", trunk.identity.word());
    text.optional("encryption", trunk.encryption.map(Word::word));
}

fn print_number(did: &DidNumber, text: &mut Text) {
    text.field("number", did.number.as_str())
        .field("account", i64::from(did.account.0))
        .field("extension", did.extension.as_str())
        .optional("screen_pop", did.screen_pop.as_deref());
}

fn print_route(route: &PrefixRoute, text: &mut Text) {
    text.field("prefix", &*route.prefix)
        .field("priority", i64::from(route.priority))
        .field("strip", i64::from(route.strip))
        .field("prepend", &*route.prepend);
}

fn print_rateplan(plan: &RatePlan, text: &mut Text) {
    text.field("name", &*plan.name).field("uuid", plan.uuid.to_string());
    plan.rates.iter().for_each(|rate| print_rate(rate, text.table("rateplans.rates")));
}

fn print_rate(rate: &PlanRate, text: &mut Text) {
    let price = &rate.price;
    text.field("prefix", &*price.prefix)
        .field("uuid", rate.uuid.to_string())
        .field("initial_interval", seconds(price.initial_interval))
        .field("initial_rate", price.initial_rate.to_string())
        .field("next_interval", seconds(price.next_interval))
        .field("next_rate", price.next_rate.to_string())
        .field("connect_fee", price.fee.to_string())
        .field("attempt_fee", price.attempt_fee.to_string())
        .field("number_min_length", i64::from(rate.number_min_length))
        .field("number_max_length", i64::from(rate.number_max_length))
        .field("enabled", rate.is_enabled)
        .field("reject_calls", rate.rejects_calls);
    for (key, at) in [("valid_from", rate.valid_from), ("valid_till", rate.valid_till)] {
        if let Some(at) = at {
            text.line(key, instant(at));
        }
    }
    text.list("routing_tags", rate.routing_tags.iter().map(|tag| &**tag));
}

fn print_service(service: &Service, text: &mut Text) {
    text.field("account", i64::from(service.account.0))
        .field("name", &*service.name)
        .field("type", &*service.kind)
        .field("uuid", service.uuid.to_string())
        .field("initial_price", service.initial_price.to_string());
    if let Some(period) = service.renew_period {
        text.field("renew_price", service.renew_price.to_string()).field("renew_period", period.word());
    }
    text.line("starts_at", instant(service.starts_at));
    if let Some(ends_at) = service.ends_at {
        text.line("ends_at", instant(ends_at));
    }
}

fn print_profile(profile: &Profile, text: &mut Text) {
    let denied: Vec<Value> = profile.denied.iter().copied().map(Value::from).collect();
    text.field("id", i64::from(profile.id.0)).field("deny", denied);
}

/// As TOML writes it: RFC 3339.
fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.as_micros()).expect("a directory file has given it so")
}

fn seconds(length: Duration) -> i64 {
    i64::try_from(length.as_secs()).unwrap_or(i64::MAX)
}

/// TOML text while it is written.
#[derive(Default)]
struct Text(String);

impl Text {
    fn table(&mut self, path: &str) -> &mut Self {
        self.write(format_args!("\n[[{path}]]\n"))
    }

    fn field(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        self.line(key, format_args!("{}", value.into()))
    }

    fn optional(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.field(key, value),
            None => self,
        }
    }

    /// A number; left out if there is none.
    fn number(&mut self, key: &str, value: Option<u32>) -> &mut Self {
        match value {
            Some(value) => self.field(key, i64::from(value)),
            None => self,
        }
    }

    /// A list; left out if empty.
    fn list<T: Into<Value>>(&mut self, key: &str, items: impl Iterator<Item = T>) -> &mut Self {
        let items: Vec<Value> = items.map(Into::into).collect();
        if items.is_empty() { self } else { self.field(key, items) }
    }

    /// A table on one line; left out if it has no fields.
    fn inner<'k, T: Display>(
        &mut self,
        key: &str,
        fields: impl IntoIterator<Item = (&'k str, Option<T>)>,
    ) -> &mut Self {
        let given = fields.into_iter().filter_map(|(key, value)| Some(format!("{key} = {}", value?)));
        let given: Vec<String> = given.collect();
        if given.is_empty() { self } else { self.line(key, format_args!("{{ {} }}", given.join(", "))) }
    }

    fn line(&mut self, key: &str, value: impl Display) -> &mut Self {
        self.write(format_args!("{key} = {value}\n"))
    }

    fn write(&mut self, text: fmt::Arguments<'_>) -> &mut Self {
        self.0.write_fmt(text).expect("a string takes all that is written");
        self
    }
}

impl Display for TrunkSource {
    /// As a directory file gives it: `10.0.0.0/24`, `192.0.2.1`, `192.0.2.1:5070`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => std::net::SocketAddr::new(self.net.addr(), port).fmt(f),
            None if self.net.prefix_len() == self.net.max_prefix_len() => self.net.addr().fmt(f),
            None => self.net.fmt(f),
        }
    }
}
