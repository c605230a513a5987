//! Trunks.

use std::time::Duration;

use call::{TrunkId, party::Transport};

use super::{Reading, Table, Taken, forms, ha1, limits};
use crate::model::{PrefixRoute, Trunk, TrunkAuth, TrunkSource};

/// How long a registration of ours shall last if nothing is said.
const USUAL_REGISTRATION: Duration = Duration::from_secs(3600);
/// How often a trunk is asked whether it is there if nothing is said.
const USUAL_PROBE: Duration = Duration::from_secs(30);

impl Reading {
    pub(super) fn trunks(&mut self, root: &Table<'_>) {
        for (id, table) in (1..).map(TrunkId).zip(root.tables("trunks")) {
            let trunk = self.read_trunk(&table, id);
            self.entries.trunks.extend(trunk);
            table.finish();
        }
    }

    fn read_trunk(&mut self, table: &Table<'_>, id: TrunkId) -> Option<Trunk> {
        let name = table.needed("name", forms::name());
        let account = table.needed("account", self.account());
        let host = table.needed("host", forms::host());
        let transport = table.given("transport", forms::transport()).unwrap_or(Transport::Udp);
        let port = table.given("port", forms::port()).unwrap_or(usual_port(transport));
        let sources = self.read_sources(table);
        let accepted_transports = table.set("accepted_transports", forms::transport());
        let routes = read_routes(table);
        let transit = table.given("transit", forms::flag()).unwrap_or(false);
        let customers = table.set("customers", self.customer());
        let limits = limits::read(table);
        let auth = read_auth(table, host.as_deref().unwrap_or_default());
        let registration = read_registration(table);
        let probe = table.given("probe_seconds", forms::probe_interval()).unwrap_or(Some(USUAL_PROBE));
        let identity = table.given("identity", forms::trunk_identity()).unwrap_or_default();
        let encryption = table.given("encryption", forms::encryption());
        let name = name?;
        self.trunks.take(table, "name", name.clone(), id, "a name that no other trunk has");
        Some(Trunk {
            id,
            account: account?,
            name,
            host: host?,
            port,
            transport,
            sources,
            accepted_transports,
            routes,
            transit,
            customers,
            limits,
            auth,
            registration,
            probe,
            identity,
            encryption,
        })
    }

    fn read_sources(&mut self, table: &Table<'_>) -> Vec<TrunkSource> {
        let sources = table.set("sources", self.new_source());
        self.sources.extend(&sources);
        sources
    }
}

/// Where SIP is listened for if nothing is said (RFC 3261 section 19.1.2, RFC 7118 section 5.4).
fn usual_port(transport: Transport) -> u16 {
    match transport {
        Transport::Udp | Transport::Tcp => 5060,
        Transport::Tls => 5061,
        Transport::Ws => 80,
    }
}

/// What we log in with; the realm is the trunk's host if absent.
fn read_auth(trunk: &Table<'_>, host: &str) -> Option<TrunkAuth> {
    let table = trunk.inner("auth", r#"a table such as { user = "acme", password = "…" }"#)?;
    let user = table.needed("user", forms::auth_user());
    let realm = if table.has("realm") { table.given("realm", forms::realm()) } else { Some(host.into()) };
    let ha1 = ha1::read(&table, "password", user.as_deref(), realm.as_deref().unwrap_or_default());
    table.finish();
    let (ha1_md5, ha1_sha256) = ha1?;
    Some(TrunkAuth { user: user?, realm: realm?, ha1_md5, ha1_sha256 })
}

fn read_registration(trunk: &Table<'_>) -> Option<Duration> {
    let is_wanted = trunk.given("register", forms::flag()).unwrap_or(false);
    let length = trunk.given("register_seconds", forms::registration_length());
    if is_wanted && !trunk.has("auth") {
        return trunk.refuse("register", "true without auth", "true where the trunk has auth, or false");
    }
    is_wanted.then_some(length.unwrap_or(USUAL_REGISTRATION))
}

fn read_routes(trunk: &Table<'_>) -> Vec<PrefixRoute> {
    let mut prefixes = Taken::default();
    let tables = trunk.tables("routes").into_iter();
    tables.filter_map(|table| read_route(table, &mut prefixes)).collect()
}

fn read_route(table: Table<'_>, prefixes: &mut Taken<String, ()>) -> Option<PrefixRoute> {
    let prefix = table.needed("prefix", forms::prefix());
    let priority = table.given("priority", forms::priority()).unwrap_or(0);
    let strip = table.given("strip", forms::strip()).unwrap_or(0);
    let prepend = table.given("prepend", forms::prepend()).unwrap_or_default();
    if let Some(prefix) = &prefix {
        prefixes.take(&table, "prefix", prefix.clone(), (), "a prefix that no other route of the trunk has");
    }
    table.finish();
    Some(PrefixRoute { prefix: prefix?, priority, strip, prepend })
}
