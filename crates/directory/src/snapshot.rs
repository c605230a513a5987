//! The directory at one moment, with the look-ups that SIP and HTTP need. Never changes.

use std::{collections::HashMap, fmt, net::IpAddr, sync::Arc};

use call::{AccountId, CenterId, CustomerId, DeviceId, Number, TrunkId, UserId};
use uuid::Uuid;

use crate::{
    access::Access,
    model::{Account, AccountRate, Center, Customer, Device, DidNumber, Extension, Trunk, User},
    words::Word,
};

/// All entries, as a file or the database gives them.
#[derive(Clone, Default, PartialEq)]
pub struct Entries {
    /// The realm of SIP digests.
    pub realm: String,
    /// All customers.
    pub customers: Vec<Customer>,
    /// All accounts.
    pub accounts: Vec<Account>,
    /// All centers.
    pub centers: Vec<Center>,
    /// All users.
    pub users: Vec<User>,
    /// All devices.
    pub devices: Vec<Device>,
    /// All extensions.
    pub extensions: Vec<Extension>,
    /// All outside numbers.
    pub numbers: Vec<DidNumber>,
    /// All trunks.
    pub trunks: Vec<Trunk>,
    /// All rates.
    pub rates: Vec<AccountRate>,
}

impl Entries {
    /// The same in the order that every snapshot has: by id, or by account, number, side and prefix. Lists
    /// whose order says nothing are sorted too.
    pub(crate) fn sorted(mut self) -> Self {
        self.customers.sort_by_key(|customer| customer.id);
        self.accounts.sort_by_key(|account| account.id);
        self.centers.sort_by_key(|center| center.id);
        self.users.sort_by_key(|user| user.id);
        self.devices.sort_by_key(|device| device.id);
        self.extensions.sort_by(|a, b| (a.account, &a.number).cmp(&(b.account, &b.number)));
        self.numbers.sort_by(|a, b| a.number.cmp(&b.number));
        self.trunks.sort_by_key(|trunk| trunk.id);
        let rate_key = |rate: &AccountRate| (rate.account, rate.side.word(), rate.rate.prefix.clone());
        self.rates.sort_by_cached_key(rate_key);
        self.users.iter_mut().for_each(User::sort);
        self.trunks.iter_mut().for_each(Trunk::sort);
        self
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries")
            .field("customers", &self.customers.len())
            .field("accounts", &self.accounts.len())
            .field("users", &self.users.len())
            .field("devices", &self.devices.len())
            .field("trunks", &self.trunks.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Snapshot").field(&self.entries).finish()
    }
}

/// The directory at one moment.
#[derive(Default)]
pub struct Snapshot {
    entries: Entries,
    customers: HashMap<CustomerId, usize>,
    accounts: HashMap<AccountId, usize>,
    accounts_by_uuid: HashMap<Uuid, usize>,
    centers: HashMap<CenterId, usize>,
    users: HashMap<UserId, usize>,
    users_by_login: HashMap<Arc<str>, usize>,
    devices: HashMap<DeviceId, usize>,
    devices_by_sip_user: HashMap<Arc<str>, usize>,
    extensions: HashMap<(AccountId, Number), usize>,
    extensions_by_device: HashMap<DeviceId, usize>,
    numbers: HashMap<String, usize>,
    trunks: HashMap<TrunkId, usize>,
    rates: HashMap<(AccountId, call::event::Side), Vec<usize>>,
}

fn index<T, K: std::hash::Hash + Eq>(items: &[T], key: impl Fn(&T) -> K) -> HashMap<K, usize> {
    items.iter().enumerate().map(|(at, item)| (key(item), at)).collect()
}

impl Snapshot {
    /// Indexes the entries.
    pub fn new(entries: Entries) -> Self {
        let mut rates: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, rate) in entries.rates.iter().enumerate() {
            rates.entry((rate.account, rate.side)).or_default().push(at);
        }
        let by_device = entries.extensions.iter().enumerate().rev();
        let extensions_by_device =
            by_device.flat_map(|(at, ext)| ext.devices.iter().map(move |device| (*device, at))).collect();
        Self {
            customers: index(&entries.customers, |customer| customer.id),
            accounts: index(&entries.accounts, |account| account.id),
            accounts_by_uuid: index(&entries.accounts, |account| account.uuid),
            centers: index(&entries.centers, |center| center.id),
            users: index(&entries.users, |user| user.id),
            users_by_login: index(&entries.users, |user| user.login.clone()),
            devices: index(&entries.devices, |device| device.id),
            devices_by_sip_user: index(&entries.devices, |device| device.sip_user.clone()),
            extensions: index(&entries.extensions, |ext| (ext.account, ext.number.clone())),
            extensions_by_device,
            numbers: index(&entries.numbers, |did| digits(&did.number)),
            trunks: index(&entries.trunks, |trunk| trunk.id),
            rates,
            entries,
        }
    }

    /// All entries.
    pub fn entries(&self) -> &Entries {
        &self.entries
    }

    /// The realm of SIP digests.
    pub fn realm(&self) -> &str {
        &self.entries.realm
    }

    /// A customer.
    pub fn customer(&self, id: CustomerId) -> Option<&Customer> {
        self.customers.get(&id).and_then(|at| self.entries.customers.get(*at))
    }

    /// An account.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(&id).and_then(|at| self.entries.accounts.get(*at))
    }

    /// An account by its other id.
    pub fn account_by_uuid(&self, uuid: Uuid) -> Option<&Account> {
        self.accounts_by_uuid.get(&uuid).and_then(|at| self.entries.accounts.get(*at))
    }

    /// A center.
    pub fn center(&self, id: CenterId) -> Option<&Center> {
        self.centers.get(&id).and_then(|at| self.entries.centers.get(*at))
    }

    /// A user.
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id).and_then(|at| self.entries.users.get(*at))
    }

    /// A user by login.
    pub fn user_by_login(&self, login: &str) -> Option<&User> {
        self.users_by_login.get(login).and_then(|at| self.entries.users.get(*at))
    }

    /// A phone.
    pub fn device(&self, id: DeviceId) -> Option<&Device> {
        self.devices.get(&id).and_then(|at| self.entries.devices.get(*at))
    }

    /// A phone by the user part of its address of record.
    pub fn device_by_sip_user(&self, sip_user: &str) -> Option<&Device> {
        self.devices_by_sip_user.get(sip_user).and_then(|at| self.entries.devices.get(*at))
    }

    /// An account's phones, in the order of the file.
    pub fn devices_of(&self, account: AccountId) -> impl Iterator<Item = &Device> {
        self.entries.devices.iter().filter(move |device| device.account == account)
    }

    /// An extension of an account.
    pub fn extension(&self, account: AccountId, number: &Number) -> Option<&Extension> {
        let at = self.extensions.get(&(account, number.clone()))?;
        self.entries.extensions.get(*at)
    }

    /// The first extension that rings a phone.
    pub fn extension_of_device(&self, device: DeviceId) -> Option<&Extension> {
        self.extensions_by_device.get(&device).and_then(|at| self.entries.extensions.get(*at))
    }

    /// An outside number, with or without `+`.
    pub fn number(&self, number: &Number) -> Option<&DidNumber> {
        self.numbers.get(&digits(number)).and_then(|at| self.entries.numbers.get(*at))
    }

    /// A trunk.
    pub fn trunk(&self, id: TrunkId) -> Option<&Trunk> {
        self.trunks.get(&id).and_then(|at| self.entries.trunks.get(*at))
    }

    /// The trunk whose calls come from `ip` and `port`; one that names the port goes before one that
    /// does not, a smaller network before a larger one.
    pub fn trunk_by_source(&self, ip: IpAddr, port: u16) -> Option<&Trunk> {
        let sources =
            self.entries.trunks.iter().flat_map(|trunk| trunk.sources.iter().map(move |s| (trunk, s)));
        let matching = sources.filter(|(_, source)| source.contains(ip, port));
        let best = matching.max_by_key(|(_, source)| (source.port.is_some(), source.net.prefix_len()));
        best.map(|(trunk, _)| trunk)
    }

    /// The rates of one side of an account, in the order of the file.
    pub fn rates_of(
        &self,
        account: AccountId,
        side: call::event::Side,
    ) -> impl Iterator<Item = &AccountRate> {
        let places = self.rates.get(&(account, side)).into_iter().flatten();
        places.filter_map(|at| self.entries.rates.get(*at))
    }

    /// What a user may see: their accounts, else all of the customer; less accounts outside their centers.
    pub fn access_of(&self, user: &User) -> Access {
        let own = self.entries.accounts.iter().filter(|account| account.customer == user.customer);
        let listed = own.filter(|account| user.accounts.is_empty() || user.accounts.contains(&account.id));
        let in_center = |account: &&Account| {
            user.centers.is_empty() || account.center.is_some_and(|center| user.centers.contains(&center))
        };
        Access::new(user.customer, listed.filter(in_center).map(|account| account.id).collect())
    }

    /// What a client that holds an account's token may see: that account.
    pub fn access_of_account(&self, id: AccountId) -> Option<Access> {
        self.account(id).map(|account| Access::new(account.customer, vec![id]))
    }
}

fn digits(number: &Number) -> String {
    number.digits().unwrap_or(number.as_str()).to_owned()
}
