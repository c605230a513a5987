//! Reading the whole directory from its database.

mod money;

use std::{collections::HashMap, hash::Hash, str::FromStr, sync::Arc, time::Duration};

use call::{AccountId, CenterId, CustomerId, DeviceId, Number, TrunkId, UserId};
use rusqlite::{
    Connection, Result, Row,
    types::{Type, ValueRef},
};

use crate::{
    mac,
    model::{
        Account, Application, Center, Customer, Device, DidNumber, Extension, HiddenFields, KeepDays, Limits,
        Numberlist, NumberlistId, PrefixRoute, ProfileId, RingRule, Scope, SigningSecret, Trunk, TrunkAuth,
        TrunkSource, User, Ways, Webhook, WebhookFormat,
    },
    renumber::NextIds,
    snapshot::Entries,
    words::Word,
};

/// All entries, and the ids to give next.
pub(super) fn load(db: &Connection) -> Result<(Entries, NextIds)> {
    let settings = all(db, "SELECT * FROM settings", |row| {
        let next = NextIds {
            customer: row.get("next_customer")?,
            center: row.get("next_center")?,
            user: row.get("next_user")?,
            device: row.get("next_device")?,
            trunk: row.get("next_trunk")?,
        };
        Ok((row.get("realm")?, next))
    })?;
    let (realm, next) = settings.into_iter().next().unwrap_or_default();
    let entries = Entries {
        realm,
        customers: all(db, "SELECT * FROM customers", customer)?,
        accounts: accounts(db)?,
        centers: all(db, "SELECT * FROM centers", center)?,
        users: users(db)?,
        devices: devices(db)?,
        extensions: extensions(db)?,
        numbers: all(db, "SELECT * FROM numbers", number)?,
        applications: applications(db)?,
        trunks: trunks(db)?,
        rateplans: money::rateplans(db)?,
        profiles: money::profiles(db)?,
        numberlists: numberlists(db)?,
        services: all(db, "SELECT * FROM services", money::service)?,
        webhooks: all(db, "SELECT * FROM webhooks", webhook)?,
    };
    Ok((entries.sorted(), next))
}

fn customer(row: &Row<'_>) -> Result<Customer> {
    let keep = KeepDays { calls: row.get("keep_days")?, recordings: row.get("keep_recordings_days")? };
    let hidden = words(row, "hidden_cdr_fields", HiddenFields::name)?.into_iter().collect();
    let id = CustomerId(row.get("id")?);
    Ok(Customer { id, name: row.get("name")?, keep, hidden: HiddenFields(hidden) })
}

fn center(row: &Row<'_>) -> Result<Center> {
    Ok(Center {
        id: CenterId(row.get("id")?),
        customer: CustomerId(row.get("customer")?),
        name: row.get("name")?,
    })
}

fn numberlists(db: &Connection) -> Result<Vec<Numberlist>> {
    let list = |row: &Row<'_>| row.get("numberlist").map(NumberlistId);
    let account = |row: &Row<'_>| row.get("account").map(AccountId);
    let mut accounts = lists(db, "SELECT * FROM numberlist_accounts", list, account)?;
    all(db, "SELECT * FROM numberlists", |row| {
        let id = NumberlistId(row.get("id")?);
        Ok(Numberlist {
            id,
            name: row.get("name")?,
            customer: CustomerId(row.get("customer")?),
            accounts: accounts.remove(&id).unwrap_or_default(),
            mode: read(row, "mode", Word::from_word)?,
            default_action: read(row, "default_action", Word::from_word)?,
        })
    })
}

fn accounts(db: &Connection) -> Result<Vec<Account>> {
    let mut tags = money::account_tags(db)?;
    let mut rings = rings(db, "account", AccountId)?;
    all(db, "SELECT * FROM accounts", |row| {
        let id = AccountId(row.get("id")?);
        Ok(Account {
            id,
            uuid: parsed(row, "uuid")?,
            customer: CustomerId(row.get("customer")?),
            center: row.get::<_, Option<u32>>("center")?.map(CenterId),
            name: row.get("name")?,
            limits: limits(row)?,
            billing: money::billing(row, tags.remove(&id).unwrap_or_default())?,
            calling: money::calling(row)?,
            rings: rings.remove(&id).unwrap_or_default(),
        })
    })
}

fn limits(row: &Row<'_>) -> Result<Limits> {
    Ok(Limits {
        calls: row.get("calls")?,
        outgoing_calls: row.get("outgoing_calls")?,
        incoming_calls: row.get("incoming_calls")?,
        calls_per_second: row.get("calls_per_second")?,
        max_call_length: length(row, "max_call_seconds")?,
    })
}

/// The rules of how phones ring, of all accounts or of all devices.
fn rings<K: Hash + Eq>(
    db: &Connection,
    owner: &'static str,
    id: impl Fn(u32) -> K,
) -> Result<HashMap<K, Vec<RingRule>>> {
    let sql = format!("SELECT * FROM ring_rules WHERE {owner} IS NOT NULL ORDER BY rowid");
    lists(db, &sql, |row| row.get(owner).map(&id), ring)
}

fn ring(row: &Row<'_>) -> Result<RingRule> {
    Ok(RingRule {
        from: word(row, "source")?,
        callers: words(row, "callers", |word| Some(word.to_owned()))?,
        dialed: words(row, "dialed", |word| Some(word.into()))?,
        alert_info: row.get("alert_info")?,
        call_info: row.get("call_info")?,
    })
}

fn devices(db: &Connection) -> Result<Vec<Device>> {
    let mut rings = rings(db, "device", DeviceId)?;
    all(db, "SELECT * FROM devices", |row| {
        let id = DeviceId(row.get("id")?);
        device(id, rings.remove(&id).unwrap_or_default(), row)
    })
}

fn device(id: DeviceId, rings: Vec<RingRule>, row: &Row<'_>) -> Result<Device> {
    Ok(Device {
        id,
        account: AccountId(row.get("account")?),
        mac: read(row, "mac", mac::parse)?,
        sip_user: row.get("sip_user")?,
        ha1_md5: row.get("ha1_md5")?,
        ha1_sha256: row.get("ha1_sha256")?,
        caller_id: row.get::<_, Option<String>>("caller_id")?.map(Number::from),
        caller_name: row.get("caller_name")?,
        spending: money::spending(row)?,
        limits: limits(row)?,
        ways: Ways {
            networks: words(row, "networks", |word| word.parse().ok())?,
            transports: words(row, "transports", Word::from_word)?,
        },
        rings,
        encryption: word(row, "encryption")?,
    })
}

fn extensions(db: &Connection) -> Result<Vec<Extension>> {
    let key = |row: &Row<'_>| Ok((AccountId(row.get("account")?), text_number(row, "number")?));
    let device = |row: &Row<'_>| row.get("device").map(DeviceId);
    let mut devices = lists(db, "SELECT * FROM extension_devices ORDER BY rowid", key, device)?;
    all(db, "SELECT * FROM extensions", |row| {
        let (account, number) = key(row)?;
        let devices = devices.remove(&(account, number.clone())).unwrap_or_default();
        Ok(Extension { account, number, name: row.get("name")?, devices })
    })
}

fn number(row: &Row<'_>) -> Result<DidNumber> {
    Ok(DidNumber {
        number: text_number(row, "number")?,
        account: AccountId(row.get("account")?),
        extension: text_number(row, "extension")?,
        screen_pop: row.get("screen_pop")?,
    })
}

fn users(db: &Connection) -> Result<Vec<User>> {
    let user = |row: &Row<'_>| row.get("user").map(UserId);
    let account = |row: &Row<'_>| row.get("account").map(AccountId);
    let center = |row: &Row<'_>| row.get("center").map(CenterId);
    let mut accounts = lists(db, "SELECT * FROM user_accounts", user, account)?;
    let mut centers = lists(db, "SELECT * FROM user_centers", user, center)?;
    let mut networks = lists(db, "SELECT * FROM user_networks", user, |row| parsed(row, "network"))?;
    all(db, "SELECT * FROM users", |row| {
        let id = UserId(row.get("id")?);
        let account = row.get::<_, Option<u32>>("extension_account")?.map(AccountId);
        let number = row.get::<_, Option<String>>("extension")?.map(Number::from);
        Ok(User {
            id,
            customer: CustomerId(row.get("customer")?),
            login: row.get("login")?,
            password_hash: row.get("password_hash")?,
            name: row.get("name")?,
            role: read(row, "role", Word::from_word)?,
            accounts: accounts.remove(&id).unwrap_or_default(),
            centers: centers.remove(&id).unwrap_or_default(),
            networks: networks.remove(&id).unwrap_or_default(),
            extension: account.zip(number),
            profile: ProfileId(row.get("profile")?),
            scope: scope(row)?,
        })
    })
}

fn applications(db: &Connection) -> Result<Vec<Application>> {
    let application = |row: &Row<'_>| row.get::<_, Arc<str>>("application");
    let mut redirects =
        lists(db, "SELECT * FROM application_redirects", application, |row| row.get::<_, Arc<str>>("uri"))?;
    all(db, "SELECT * FROM applications", |row| {
        let client_id: Arc<str> = row.get("client_id")?;
        Ok(Application {
            redirect_uris: redirects.remove(&client_id).unwrap_or_default(),
            client_id,
            account: AccountId(row.get("account")?),
            name: row.get("name")?,
            secret_sha256: row.get("secret_sha256")?,
            scope: scope(row)?,
        })
    })
}

fn webhook(row: &Row<'_>) -> Result<Webhook> {
    let extension: Option<Arc<str>> = row.get("extension")?;
    Ok(Webhook {
        account: AccountId(row.get("account")?),
        name: row.get("name")?,
        url: row.get("url")?,
        format: read(row, "format", WebhookFormat::named)?,
        types: words(row, "types", |word| Some(Arc::from(word)))?,
        extension: extension.as_deref().map(Number::from),
        trunk: row.get::<_, Option<u32>>("trunk")?.map(TrunkId),
        secret: SigningSecret::new(row.get("secret")?),
    })
}

fn scope(row: &Row<'_>) -> Result<Scope> {
    Ok(Scope::of(&words(row, "scopes", Word::from_word)?))
}

fn trunks(db: &Connection) -> Result<Vec<Trunk>> {
    let trunk = |row: &Row<'_>| row.get("trunk").map(TrunkId);
    let source = |row: &Row<'_>| Ok(TrunkSource { net: parsed(row, "network")?, port: row.get("port")? });
    let customer = |row: &Row<'_>| row.get("customer").map(CustomerId);
    let mut sources = lists(db, "SELECT * FROM trunk_sources", trunk, source)?;
    let mut routes = lists(db, "SELECT * FROM trunk_routes", trunk, route)?;
    let mut customers = lists(db, "SELECT * FROM trunk_customers", trunk, customer)?;
    all(db, "SELECT * FROM trunks", |row| {
        let id = TrunkId(row.get("id")?);
        Ok(Trunk {
            id,
            account: AccountId(row.get("account")?),
            name: row.get("name")?,
            host: row.get("host")?,
            port: row.get("port")?,
            transport: read(row, "transport", Word::from_word)?,
            sources: sources.remove(&id).unwrap_or_default(),
            accepted_transports: words(row, "accepted_transports", Word::from_word)?,
            routes: routes.remove(&id).unwrap_or_default(),
            transit: row.get("transit")?,
            customers: customers.remove(&id).unwrap_or_default(),
            limits: limits(row)?,
            auth: auth(row)?,
            registration: length(row, "register_seconds")?,
            probe: length(row, "probe_seconds")?,
            identity: read(row, "identity", Word::from_word)?,
            encryption: word(row, "encryption")?,
        })
    })
}

fn auth(row: &Row<'_>) -> Result<Option<TrunkAuth>> {
    let Some(user) = row.get("auth_user")? else { return Ok(None) };
    Ok(Some(TrunkAuth {
        user,
        realm: row.get("auth_realm")?,
        ha1_md5: row.get("auth_ha1_md5")?,
        ha1_sha256: row.get("auth_ha1_sha256")?,
    }))
}

/// A column of seconds that may be NULL.
fn length(row: &Row<'_>, column: &'static str) -> Result<Option<Duration>> {
    let seconds: Option<u32> = row.get(column)?;
    Ok(seconds.map(|seconds| Duration::from_secs(seconds.into())))
}

fn route(row: &Row<'_>) -> Result<PrefixRoute> {
    Ok(PrefixRoute {
        prefix: row.get("prefix")?,
        priority: row.get("priority")?,
        strip: row.get("strip")?,
        prepend: row.get("prepend")?,
    })
}

/// The rows of a query.
fn all<T>(db: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    db.prepare(sql)?.query_map((), read)?.collect()
}

/// The rows of a query, as one list for each key.
fn lists<K: Hash + Eq, T>(
    db: &Connection,
    sql: &str,
    key: impl Fn(&Row<'_>) -> Result<K>,
    item: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<HashMap<K, Vec<T>>> {
    let mut lists: HashMap<K, Vec<T>> = HashMap::new();
    for (key, item) in all(db, sql, |row| Ok((key(row)?, item(row)?)))? {
        lists.entry(key).or_default().push(item);
    }
    Ok(lists)
}

fn text_number(row: &Row<'_>, column: &'static str) -> Result<Number> {
    row.get::<_, String>(column).map(Number::from)
}

pub(super) fn parsed<T: FromStr>(row: &Row<'_>, column: &'static str) -> Result<T> {
    read(row, column, |text| text.parse().ok())
}

/// A column of one word, or NULL.
fn word<W: Word>(row: &Row<'_>, column: &'static str) -> Result<Option<W>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => read(row, column, W::from_word).map(Some),
    }
}

/// A column of words with blanks between them.
fn words<T>(row: &Row<'_>, column: &'static str, word: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
    read(row, column, |text| text.split_whitespace().map(word).collect())
}

pub(super) fn read<T>(
    row: &Row<'_>,
    column: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T> {
    let text: Arc<str> = row.get(column)?;
    parse(&text).ok_or_else(|| {
        let index = row.as_ref().column_index(column).unwrap_or_default();
        rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(Unreadable(column)))
    })
}

/// A stored text that is not what its column holds. The text itself may be private.
#[derive(Debug, thiserror::Error)]
#[error("the stored {0} cannot be read")]
struct Unreadable(&'static str);
