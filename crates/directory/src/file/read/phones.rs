//! Devices, extensions and outside numbers.

use call::{AccountId, DeviceId};

use super::{Reading, Table, billing, forms, ha1, limits, rings};
use crate::model::{Device, DidNumber, Extension, Ways};

impl Reading {
    pub(super) fn devices(&mut self, root: &Table<'_>) {
        for (id, table) in (1..).map(DeviceId).zip(root.tables("devices")) {
            let device = self.read_device(&table, id);
            self.entries.devices.extend(device);
            table.finish();
        }
    }

    fn read_device(&mut self, table: &Table<'_>, id: DeviceId) -> Option<Device> {
        let sip_user = table.needed("sip_user", forms::sip_user());
        let account = table.needed("account", self.account());
        let mac = table.needed("mac", forms::mac_address());
        let ha1 = ha1::read(table, "secret", sip_user.as_deref(), &self.entries.realm);
        let caller_id = table.given("caller_id", forms::caller_id());
        let caller_name = table.given("caller_name", forms::name());
        let spending = billing::spending(table);
        let limits = limits::read(table);
        let networks = table.set("networks", forms::network());
        let ways = Ways { networks, transports: table.set("transports", forms::transport()) };
        let rings = rings::read(table);
        let encryption = table.given("encryption", forms::encryption());
        if let (Some(account), Some(mac)) = (account, mac) {
            self.macs.take(
                table,
                "mac",
                (account, mac),
                (),
                "an address that no other device of the account has",
            );
        }
        let sip_user = sip_user?;
        let accepted = "a sip_user that no other device has";
        self.devices.take(table, "sip_user", sip_user.clone(), (id, account), accepted);
        let (ha1_md5, ha1_sha256) = ha1?;
        Some(Device {
            id,
            account: account?,
            mac: mac?,
            sip_user,
            ha1_md5,
            ha1_sha256,
            caller_id,
            caller_name,
            spending,
            limits,
            ways,
            rings,
            encryption,
        })
    }

    pub(super) fn extensions(&mut self, root: &Table<'_>) {
        for table in root.tables("extensions") {
            let extension = self.read_extension(&table);
            self.entries.extensions.extend(extension);
            table.finish();
        }
    }

    fn read_extension(&mut self, table: &Table<'_>) -> Option<Extension> {
        let account = table.needed("account", self.account());
        let number = table.needed("number", forms::extension());
        let name = table.given("name", forms::name());
        let devices = table.set("devices", self.device_of(account));
        let (account, number) = (account?, number?);
        let accepted = "a number that no other extension of the account has";
        self.extensions.take(table, "number", (account, number.clone()), (), accepted);
        Some(Extension { account, number, name, devices })
    }

    pub(super) fn numbers(&mut self, root: &Table<'_>) {
        for table in root.tables("numbers") {
            let number = self.read_number(&table);
            self.entries.numbers.extend(number);
            table.finish();
        }
    }

    fn read_number(&mut self, table: &Table<'_>) -> Option<DidNumber> {
        let number = table.needed("number", forms::outside_number());
        let account: Option<AccountId> = table.needed("account", self.account());
        let extension = table.needed("extension", self.extension_of(account));
        let screen_pop = table.given("screen_pop", forms::screen_pop());
        let number = number?;
        self.numbers.take(table, "number", number.clone(), (), "a number that no other entry has");
        Some(DidNumber { number, account: account?, extension: extension?, screen_pop })
    }
}
