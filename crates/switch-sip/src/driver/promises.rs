//! Answers that promise something: the 2xx that tells a caller of the answer, and that to a BYE, wait until what
//! they tell of is durable. Nothing overtakes them in their dialog.

use b2bua::Output;
use call::LegId;
use rsipstack::sip::Method;

use super::{
    Engine,
    line::{Line, Server},
};

impl Engine {
    /// Does what the machine wants, in its order: in a dialog whose answer waits, after that.
    pub(super) fn perform(&mut self, output: Output) {
        let may_wait = self.promises.may_wait();
        let leg = leg_of(&output).filter(|_| may_wait);
        let Some((leg, line)) = leg.and_then(|leg| Some((leg, self.lines.get_mut(&leg)?))) else {
            return self.execute(output);
        };
        if let Some(postponed) = &mut line.postponed {
            postponed.push_back(output);
        } else if line.promises(&output) {
            line.postponed = Some([output].into());
            self.promised.push(leg);
        } else {
            self.execute(output);
        }
    }

    /// Lets those that promise something wait for what was told until now.
    pub(super) fn await_promises(&mut self) {
        for leg in self.promised.drain(..) {
            self.promises.add(leg);
        }
    }

    /// The answer of a leg may go, and what waits behind it.
    pub(super) fn on_durable(&mut self, leg: LegId) {
        let postponed = self.lines.get_mut(&leg).and_then(|line| line.postponed.take());
        let mut postponed = postponed.into_iter().flatten();
        if let Some(answer) = postponed.next() {
            self.execute(answer);
        }
        postponed.for_each(|output| self.perform(output));
        self.await_promises();
    }
}

impl Line {
    fn promises(&self, output: &Output) -> bool {
        let Output::Respond { transaction, response, .. } = output else { return false };
        let is_farewell = || match self.servers.get(transaction) {
            Some(Server::Other(incoming)) => incoming.request.method == Method::Bye,
            Some(Server::Invite { .. }) | None => false,
        };
        response.is_success() && (self.first == Some(*transaction) || self.is_established && is_farewell())
    }
}

/// The leg in whose dialog something is to be done.
fn leg_of(output: &Output) -> Option<LegId> {
    match output {
        Output::Invite { leg, .. }
        | Output::Cancel { leg, .. }
        | Output::Ack { leg, .. }
        | Output::Prack { leg, .. }
        | Output::Request { leg, .. }
        | Output::Respond { leg, .. }
        | Output::Forget { leg } => Some(*leg),
        // Only legs that are called have them, and those promise nothing before they are up.
        Output::Swap { .. } => None,
        Output::Reach { .. }
        | Output::Media(_)
        | Output::Event(_)
        | Output::LimitReached { .. }
        | Output::Taken { .. } => None,
    }
}
