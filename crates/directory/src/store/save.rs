//! Writing the whole directory to its database.

mod money;

use call::{Number, party::Transport};
use ipnet::IpNet;
use rusqlite::{Connection, Result, params};

use crate::{
    country::alpha2_of,
    mac::Dashed,
    model::{
        Account, Application, Device, Extension, Hours, KeepDays, Limits, Numberlist, RingRule,
        SpendingLimits, Trunk, User, Webhook,
    },
    renumber::NextIds,
    snapshot::Entries,
    words::Word,
};

/// Puts these entries in the place of all others. For use inside a transaction.
pub(super) fn save(db: &Connection, entries: &Entries, next: &NextIds) -> Result<()> {
    clear(db)?;
    db.execute(
        "INSERT INTO settings VALUES (?, ?, ?, ?, ?, ?)",
        params![entries.realm, next.customer, next.center, next.user, next.device, next.trunk],
    )?;
    entries.rateplans.iter().try_for_each(|plan| money::save_rateplan(db, plan))?;
    entries.profiles.iter().try_for_each(|profile| money::save_profile(db, profile))?;
    save_parties(db, entries)?;
    entries.devices.iter().try_for_each(|device| save_device(db, device))?;
    entries.extensions.iter().try_for_each(|extension| save_extension(db, extension))?;
    for did in &entries.numbers {
        let (number, extension) = (did.number.as_str(), did.extension.as_str());
        insert(db, "numbers", params![number, did.account.0, extension, did.screen_pop])?;
    }
    entries.users.iter().try_for_each(|user| save_user(db, user))?;
    entries.applications.iter().try_for_each(|application| save_application(db, application))?;
    entries.numberlists.iter().try_for_each(|list| save_numberlist(db, list))?;
    entries.services.iter().try_for_each(|service| money::save_service(db, service))?;
    entries.trunks.iter().try_for_each(|trunk| save_trunk(db, trunk))?;
    entries.webhooks.iter().try_for_each(|webhook| save_webhook(db, webhook))
}

fn save_numberlist(db: &Connection, list: &Numberlist) -> Result<()> {
    let (id, mode, action) = (list.id.0, list.mode.word(), list.default_action.word());
    insert(db, "numberlists", params![id, list.name, list.customer.0, mode, action])?;
    list.accounts.iter().try_for_each(|account| insert(db, "numberlist_accounts", params![id, account.0]))
}

/// Empties all tables, those that refer to others first.
fn clear(db: &Connection) -> Result<()> {
    db.execute_batch(
        "DELETE FROM webhooks; DELETE FROM services; DELETE FROM ring_rules; DELETE FROM numberlist_accounts; DELETE FROM numberlists; DELETE FROM trunk_customers; DELETE FROM trunk_routes; DELETE FROM trunk_sources;
         DELETE FROM trunks; DELETE FROM application_redirects; DELETE FROM applications; DELETE FROM user_networks; DELETE FROM user_centers; DELETE FROM user_accounts;
         DELETE FROM users; DELETE FROM numbers; DELETE FROM extension_devices; DELETE FROM extensions;
         DELETE FROM devices; DELETE FROM account_tags; DELETE FROM accounts; DELETE FROM centers;
         DELETE FROM customers; DELETE FROM profile_denials; DELETE FROM profiles; DELETE FROM rate_tags;
         DELETE FROM rateplan_rates; DELETE FROM rateplans; DELETE FROM settings;",
    )
}

fn save_parties(db: &Connection, entries: &Entries) -> Result<()> {
    for customer in &entries.customers {
        let KeepDays { calls, recordings } = customer.keep;
        let hidden = customer.hidden.0.iter().copied().collect::<Vec<_>>().join(" ");
        insert(db, "customers", params![customer.id.0, customer.name, calls, recordings, hidden])?;
    }
    for center in &entries.centers {
        insert(db, "centers", params![center.id.0, center.customer.0, center.name])?;
    }
    entries.accounts.iter().try_for_each(|account| save_account(db, account))
}

fn save_account(db: &Connection, account: &Account) -> Result<()> {
    let (uuid, center) = (account.uuid.to_string(), account.center.map(|center| center.0));
    let [calls, outgoing, incoming, rate, seconds] = columns(&account.limits);
    let (id, customer, name) = (account.id.0, account.customer.0, &account.name);
    let (billing, spending) = (&account.billing, &account.billing.spending);
    let [originated, terminated] = [billing.origination_rateplan, billing.termination_rateplan]
        .map(|plan| plan.map(|uuid| uuid.to_string()));
    let rules = &account.calling;
    let hours: Vec<String> = rules.hours.iter().map(Hours::to_string).collect();
    let row = params![
        id,
        uuid,
        customer,
        center,
        name,
        calls,
        outgoing,
        incoming,
        rate,
        seconds,
        billing.currency,
        billing.starting_balance.to_string(),
        billing.min_balance.to_string(),
        billing.max_balance.to_string(),
        billing.max_rate.map(|rate| rate.to_string()),
        billing.vat.to_string(),
        originated,
        terminated,
        billing.is_prepaid,
        spending.hourly.price.map(|price| price.to_string()),
        spending.daily.price.map(|price| price.to_string()),
        spending.hourly.minutes,
        spending.daily.minutes,
        countries(&rules.countries),
        countries(&rules.blocked_countries),
        rules.prefixes.join(" "),
        rules.blocked_prefixes.join(" "),
        hours.join(";"),
        rules.time_zone.iana_name().unwrap_or("UTC"),
    ];
    insert(db, "accounts", row)?;
    account.rings.iter().try_for_each(|rule| save_ring(db, (Some(id), None), rule))?;
    billing.routing_tags.iter().try_for_each(|tag| insert(db, "account_tags", params![id, tag]))
}

fn countries(codes: &[u16]) -> String {
    let names: Vec<&str> = codes.iter().filter_map(|code| alpha2_of(*code)).collect();
    names.join(" ")
}

/// The columns of limits, in the order of the schema.
fn columns(limits: &Limits) -> [Option<i64>; 5] {
    let seconds = limits.max_call_length.map(|length| length.as_secs() as i64);
    let counts = [limits.calls, limits.outgoing_calls, limits.incoming_calls, limits.calls_per_second];
    let [calls, outgoing, incoming, rate] = counts.map(|count| count.map(i64::from));
    [calls, outgoing, incoming, rate, seconds]
}

fn save_device(db: &Connection, device: &Device) -> Result<()> {
    let caller_id = device.caller_id.as_ref().map(|number| number.as_str());
    let mac = Dashed(device.mac).to_string();
    let (id, account, name) = (device.id.0, device.account.0, &device.caller_name);
    let SpendingLimits { hourly, daily } = device.spending;
    let [calls, outgoing, incoming, rate, seconds] = columns(&device.limits);
    let [hourly_price, daily_price] = [hourly, daily].map(|limit| limit.price.map(|price| price.to_string()));
    let row = params![
        id,
        account,
        mac,
        device.sip_user,
        device.ha1_md5,
        device.ha1_sha256,
        caller_id,
        name,
        hourly_price,
        daily_price,
        hourly.minutes,
        daily.minutes,
        words(&device.ways.networks, IpNet::to_string),
        transports(&device.ways.transports),
        device.encryption.map(Word::word),
        calls,
        outgoing,
        incoming,
        rate,
        seconds,
    ];
    insert(db, "devices", row)?;
    device.rings.iter().try_for_each(|rule| save_ring(db, (None, Some(id)), rule))
}

/// A rule of an account or a device.
fn save_ring(db: &Connection, (account, device): (Option<u32>, Option<u32>), rule: &RingRule) -> Result<()> {
    let RingRule { from, callers, dialed, alert_info, call_info } = rule;
    let (callers, dialed) = (callers.join(" "), words(dialed, Number::to_string));
    let source = from.map(Word::word);
    insert(db, "ring_rules", params![account, device, source, callers, dialed, alert_info, call_info])
}

fn transports(transports: &[Transport]) -> String {
    words(transports, |transport| transport.word().to_owned())
}

/// Words with blanks between them.
fn words<T>(items: &[T], word: impl Fn(&T) -> String) -> String {
    items.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn save_extension(db: &Connection, extension: &Extension) -> Result<()> {
    let (account, number) = (extension.account.0, extension.number.as_str());
    insert(db, "extensions", params![account, number, extension.name])?;
    let mut devices = extension.devices.iter();
    devices.try_for_each(|device| insert(db, "extension_devices", params![account, number, device.0]))
}

fn save_user(db: &Connection, user: &User) -> Result<()> {
    let (id, role) = (user.id.0, user.role.word());
    let account = user.extension.as_ref().map(|(account, _)| account.0);
    let number = user.extension.as_ref().map(|(_, number)| number.as_str());
    let row = params![
        id,
        user.customer.0,
        user.login,
        user.password_hash,
        user.name,
        role,
        account,
        number,
        user.profile.0,
        user.scope.to_string(),
    ];
    insert(db, "users", row)?;
    user.accounts.iter().try_for_each(|account| insert(db, "user_accounts", params![id, account.0]))?;
    user.centers.iter().try_for_each(|center| insert(db, "user_centers", params![id, center.0]))?;
    let mut networks = user.networks.iter();
    networks.try_for_each(|network| insert(db, "user_networks", params![id, network.to_string()]))
}

fn save_application(db: &Connection, application: &Application) -> Result<()> {
    let Application { client_id, account, name, secret_sha256, redirect_uris, scope } = application;
    let row = params![client_id, account.0, name, secret_sha256, scope.to_string()];
    insert(db, "applications", row)?;
    let mut uris = redirect_uris.iter();
    uris.try_for_each(|uri| insert(db, "application_redirects", params![client_id, uri]))
}

fn save_webhook(db: &Connection, webhook: &Webhook) -> Result<()> {
    let Webhook { account, name, url, format, types, extension, trunk, secret } = webhook;
    let (extension, trunk) = (extension.as_ref().map(Number::as_str), trunk.map(|trunk| trunk.0));
    let row = params![
        account.0,
        name,
        url,
        format.name(),
        types.join(" "),
        extension,
        trunk,
        secret.text().unwrap_or_default()
    ];
    insert(db, "webhooks", row)
}

fn save_trunk(db: &Connection, trunk: &Trunk) -> Result<()> {
    let (id, transport) = (trunk.id.0, trunk.transport.word());
    let (account, name, host) = (trunk.account.0, &trunk.name, &trunk.host);
    let [calls, outgoing, incoming, rate, seconds] = columns(&trunk.limits);
    let auth = trunk.auth.as_ref();
    let [user, realm, md5, sha256] = [
        auth.map(|auth| &auth.user),
        auth.map(|auth| &auth.realm),
        auth.map(|auth| &auth.ha1_md5),
        auth.map(|auth| &auth.ha1_sha256),
    ];
    let [register, probe] =
        [trunk.registration, trunk.probe].map(|length| length.map(|length| length.as_secs() as i64));
    let row = params![
        id,
        account,
        name,
        host,
        trunk.port,
        transport,
        trunk.transit,
        calls,
        outgoing,
        incoming,
        rate,
        seconds,
        user,
        realm,
        md5,
        sha256,
        register,
        probe,
        trunk.identity.word(),
        transports(&trunk.accepted_transports),
        trunk.encryption.map(Word::word),
    ];
    insert(db, "trunks", row)?;
    for source in &trunk.sources {
        insert(db, "trunk_sources", params![id, source.net.to_string(), source.port])?;
    }
    for route in &trunk.routes {
        insert(db, "trunk_routes", params![id, route.prefix, route.priority, route.strip, route.prepend])?;
    }
    let mut customers = trunk.customers.iter();
    customers.try_for_each(|customer| insert(db, "trunk_customers", params![id, customer.0]))
}

/// Inserts a row, all columns in the order of the schema.
fn insert(db: &Connection, table: &'static str, row: &[&dyn rusqlite::ToSql]) -> Result<()> {
    let places = vec!["?"; row.len()].join(", ");
    db.prepare_cached(&format!("INSERT INTO {table} VALUES ({places})"))?.execute(row)?;
    Ok(())
}
