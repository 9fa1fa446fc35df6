//! A history is played step by step, with a comparison after each step.

use std::mem::take;
use std::time::Duration;

use sage_supervisor::{RunningSupervisor, SupervisorHandle};
use tokio::time::Instant;

use crate::answers::{Look, Request};
use crate::coverage::Coverage;
use crate::explore::explore;
use crate::facts::{Exit, Failure, Told};
use crate::hands::{Hands, poll_once};
use crate::history::{Act, Ask, Finale, Step, Wait, What};
use crate::model::Model;
use crate::plan::Plan;
use crate::seen::Seen;
use crate::sight::{Sight, Story};
use crate::stage::{Order, Stage, Strings};
use crate::tally::Tally;
use crate::tree::Worker;

/// Lets everything happen that takes no time.
async fn settle() {
    for _ in 0..40 {
        tokio::task::yield_now().await;
    }
}

/// A running tree, and the states in which the model can be.
pub(crate) struct Play<'p> {
    plan: &'p Plan,
    seen: Seen,
    strings: Strings,
    /// The owner of the tree, or `None` if the owner has been dropped.
    owner: Option<RunningSupervisor>,
    handle: SupervisorHandle,
    hands: Hands,
    /// The statuses that the supervisors showed last.
    looks: Vec<(usize, Look)>,
    states: Vec<Model<'p>>,
    begin: Instant,
    now: u64,
    story: Story,
    acts: usize,
    tally: &'p mut Tally,
    coverage: &'p mut Coverage,
}

/// The reason why a play ends early.
pub(crate) enum Stop {
    /// The model allows too many orders of the events at one instant.
    TooOpen,
    Diverged(String),
}

impl<'p> Play<'p> {
    /// Starts the tree.
    pub(crate) fn new(
        plan: &'p Plan,
        stage: Stage,
        tally: &'p mut Tally,
        coverage: &'p mut Coverage,
    ) -> Self {
        let owner = stage.supervisor(0).name("root").start();
        Self {
            plan,
            seen: stage.seen.clone(),
            strings: stage.strings.clone(),
            hands: Hands::new(stage, owner.handle()),
            looks: Vec::new(),
            handle: owner.handle(),
            owner: Some(owner),
            states: vec![Model::new(plan)],
            begin: Instant::now(),
            now: 0,
            story: Story::default(),
            acts: 0,
            tally,
            coverage,
        }
    }

    /// Lets time pass, and compares.
    async fn pass(&mut self, millis: u64) -> Result<(), Stop> {
        self.now += millis;
        self.story.did(format!("wait {millis} ms, until {}", self.now));
        let until = self.begin + Duration::from_millis(self.now);
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            () = self.seen.is_wild() => {}
        }
        self.compare().await
    }

    /// Gives an order to one of the living workers.
    fn act(&mut self, act: Act, heard: bool, taken: &mut Vec<usize>) {
        let waits = |unit: &usize| {
            let declares = |worker: Worker| worker.ready_within.is_some();
            !matches!(act.what, What::Ready | What::Decline)
                || self.plan.units[*unit].worker.is_some_and(declares)
        };
        let mut alive = self.seen.look().alive();
        alive.retain(|unit| waits(unit) && !taken.contains(unit));
        if alive.is_empty() {
            return;
        }
        let unit = alive[act.whom % alive.len()];
        taken.push(unit);
        self.acts += 1;
        let message = format!("no. {}", self.acts);
        let order = match act.what {
            What::Finish => Order::End(Exit::Normal),
            What::Fail => Order::End(Exit::Error(message)),
            What::Panic => Order::End(Exit::Panic(message)),
            What::Ready => Order::Say,
            What::Decline => Order::Decline,
        };
        let path = &self.plan.units[unit].path;
        self.story.did(format!("{path}: {:?} (no. {})", act.what, self.acts));
        for state in self.states.iter_mut().filter(|_| heard) {
            match &order {
                Order::Say => state.ready(unit),
                Order::Decline => state.decline(unit),
                Order::End(exit) => state.end(unit, exit.clone()),
            }
        }
        self.strings.pull(unit, order);
    }

    /// Chooses commands, and gives them to the model.
    fn ask(&mut self, asks: &[Ask], ending: &[usize]) -> Vec<Request> {
        let mut requests = Vec::new();
        for ask in asks {
            let Some(request) = self.hands.choose(*ask, &self.looks, ending) else { continue };
            let (path, number) = (&self.plan.units[request.unit].path, request.number);
            self.story.did(format!("asks to {:?} {path} (no. {number})", ask.what));
            self.seen.look().asked_by_hand(request.unit);
            self.states.iter_mut().for_each(|state| state.ask(request));
            requests.push(request);
        }
        requests
    }

    async fn step(&mut self, step: &Step) -> Result<(), Stop> {
        let window = |number: usize| {
            let windows: Vec<_> =
                self.plan.units.iter().filter_map(|unit| unit.settings.limit).collect();
            windows.get(number % windows.len().max(1)).map_or(1_000, |(_, within)| *within)
        };
        match step.wait {
            Wait::No => {}
            Wait::Millis(millis) => self.pass(millis).await?,
            Wait::Window(number, more) => self.pass(window(number) + more).await?,
        }
        // Rule 26: a killed task does not come to do what it was told.
        let heard = matches!(step.finale, None | Some(Finale::Shutdown));
        let asks = if heard { &*step.asks } else { &[] };
        // The model receives everything in the order in which the root does. A command that is sent
        // at once arrives before the workers have carried out their orders.
        let mut taken = Vec::new();
        let mut requests = if step.asks_first { self.ask(asks, &[]) } else { Vec::new() };
        for act in &step.acts {
            self.act(*act, heard, &mut taken);
        }
        if !step.asks_first {
            requests = self.ask(asks, &taken);
        }
        for request in requests {
            self.hands.give(request, step.asks_first).await;
        }
        let mut killing = None;
        match step.finale {
            None => {}
            Some(Finale::Shutdown) => {
                let mut asking = Box::pin(self.handle.shutdown());
                let _ = poll_once(asking.as_mut()).await;
            }
            Some(Finale::Kill) => {
                if let Some(owner) = self.owner.take() {
                    let mut asking = Box::pin(owner.kill());
                    let _ = poll_once(asking.as_mut()).await;
                    killing = Some(asking);
                }
            }
            Some(Finale::DropOwner) => drop(self.owner.take()),
        }
        if let Some(finale) = step.finale {
            self.story.did(format!("{finale:?}"));
            self.seen.look().stopped();
            if finale == Finale::Shutdown {
                self.states = self.states.iter().flat_map(Model::shut_down).collect();
            } else {
                self.states.iter_mut().for_each(Model::kill_tree);
            }
        }
        let compared = self.compare().await;
        drop(killing);
        compared
    }

    /// Waits until nothing more happens, and compares the tree with the states that the model
    /// allows.
    async fn compare(&mut self) -> Result<(), Stop> {
        settle().await;
        let states = take(&mut self.states);
        let allowed = explore(states, self.now).ok_or(Stop::TooOpen)?;
        let ended = self.handle.has_ended();
        let result = match ended {
            true => Some(self.handle.wait().await.map_err(|error| Failure::of(&error))),
            false => None,
        };
        // A tree that has ended shows no statuses.
        let looks = if ended { Ok(Vec::new()) } else { self.hands.look().await };
        let (told, alive, mut broken) = {
            let mut seen = self.seen.look();
            seen.settled();
            if ended {
                seen.finished();
            }
            for (_, look) in looks.iter().flatten() {
                seen.in_order(look.iter().flatten().map(|shown| shown.unit));
            }
            let told: Vec<_> = seen.told.iter_mut().map(Told::take).collect();
            (told, seen.alive(), take(&mut seen.broken))
        };
        let looks = looks.unwrap_or_else(|wrong| {
            broken.push(wrong);
            Vec::new()
        });
        self.looks.clone_from(&looks);
        let answers = self.hands.answers();
        let seen = Sight { told, alive, looks, answers, result, killed: Vec::new() };
        let mut others = Vec::new();
        for mut state in allowed {
            let says = Sight::of(&mut state, self.plan, ended);
            if says.is(&seen) {
                self.states.push(state);
            } else {
                others.push(says);
            }
        }
        if self.states.is_empty() || !broken.is_empty() {
            let story = self.story.tell(self.plan, &seen, &others);
            return Err(Stop::Diverged(format!("{story}{broken:#?}")));
        }
        self.tally.count(&seen.told, seen.result.as_ref());
        for (number, state) in self.states.iter_mut().enumerate() {
            let (met, notes) = (take(&mut state.met), take(&mut state.notes));
            if number == 0 {
                self.coverage.count(&met, &seen.answers, &notes);
            }
        }
        self.story.saw(seen);
        Ok(())
    }

    /// Plays the history, and then ends the tree if it is still running.
    pub(crate) async fn play(&mut self, history: &[Step]) -> Result<(), Stop> {
        // If the first step has no wait, it comes before the first poll of the tree.
        if !matches!(history.first(), Some(Step { wait: Wait::No, .. })) {
            self.compare().await?;
        }
        for step in history {
            if !self.handle.has_ended() {
                self.step(step).await?;
            }
        }
        let end = |finale| Step {
            wait: Wait::No,
            acts: Vec::new(),
            asks: Vec::new(),
            asks_first: false,
            finale: Some(finale),
        };
        if !self.handle.has_ended() {
            self.step(&end(Finale::Shutdown)).await?;
        }
        // These are the children that take a while to stop. The number of rounds is bounded,
        // because a supervisor that has not been asked yet may go on restarting for ever.
        for _ in 0..50 {
            let Some(time) = self.states[0].next_time() else { break };
            self.pass(time - self.now).await?;
        }
        // The owner is dropped if a child does not stop and is awaited for ever.
        if !self.handle.has_ended() {
            self.step(&end(Finale::DropOwner)).await?;
        }
        let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        if self.handle.has_ended() && tasks == 0 {
            return Ok(());
        }
        let story = self.story.so_far(self.plan);
        Err(Stop::Diverged(format!("{story}not over, {tasks} tasks are left")))
    }
}
