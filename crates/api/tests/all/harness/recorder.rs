//! A switch that remembers what it was told to do, and leaves the doing to the simulated one.

use std::sync::Arc;

use async_trait::async_trait;
use call::{AccountId, CallCommand, Number};
use parking_lot::Mutex;
use switch::{Registration, Switch, SwitchError, simulated::SimulatedSwitch};

/// The switch. Clones remember the same.
#[derive(Clone)]
pub struct Recorder {
    switch: SimulatedSwitch,
    commands: Arc<Mutex<Vec<CallCommand>>>,
}

impl Recorder {
    pub fn new(switch: SimulatedSwitch) -> Self {
        Self { switch, commands: Arc::default() }
    }

    /// What it was told since this was last asked.
    pub fn take(&self) -> Vec<CallCommand> {
        std::mem::take(&mut *self.commands.lock())
    }
}

#[async_trait]
impl Switch for Recorder {
    async fn command(&self, command: CallCommand) -> Result<(), SwitchError> {
        self.commands.lock().push(command.clone());
        self.switch.command(command).await
    }

    fn serves(&self, number: &Number) -> bool {
        self.switch.serves(number)
    }

    fn registrations(&self, account: AccountId) -> Vec<Registration> {
        self.switch.registrations(account)
    }

    fn registration_count(&self) -> usize {
        self.switch.registration_count()
    }

    async fn stop(&self, grace: std::time::Duration) {
        self.switch.stop(grace).await;
    }
}
