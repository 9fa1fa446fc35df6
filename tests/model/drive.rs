//! A real tree, driven through a history, and compared with the model after every step.

use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use sage_supervisor::{RunningSupervisor, SupervisorHandle};
use tokio::time::Instant;

use crate::explore::explore;
use crate::facts::{Exit, Failure, Told};
use crate::model::Model;
use crate::seen::Seen;
use crate::stage::{Order, Stage, Strings};
use crate::tally::{self, Tally};
use crate::tree::{Act, Finale, Plan, Step, Sup, Wait, What, Worker};

/// Lets everything happen that takes no time.
async fn settle() {
    for _ in 0..40 {
        tokio::task::yield_now().await;
    }
}

/// A tree in motion, and the states in which the model can be.
struct Play<'p> {
    plan: &'p Plan,
    seen: Seen,
    strings: Strings,
    /// `None` when it has been dropped.
    owner: Option<RunningSupervisor>,
    handle: SupervisorHandle,
    states: Vec<Model<'p>>,
    begin: Instant,
    now: u64,
    /// What was done and seen, to be shown.
    script: String,
    acts: usize,
    tally: &'p mut Tally,
}

/// Why a play ends early.
enum Stop {
    /// So much happened at one instant that the model allows too many orders.
    TooOpen,
    Diverged(String),
}

impl Play<'_> {
    /// Lets time pass, and compares.
    async fn pass(&mut self, millis: u64) -> Result<(), Stop> {
        self.now += millis;
        let _ = writeln!(self.script, "  wait {millis} ms, until {}", self.now);
        let until = self.begin + Duration::from_millis(self.now);
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            () = self.seen.is_wild() => {}
        }
        self.compare().await
    }

    /// Has one of those alive do something.
    fn act(&mut self, act: Act, heard: bool, taken: &mut Vec<usize>) {
        let waits = |unit: &usize| {
            let declares = |worker: Worker| worker.ready_within.is_some();
            act.what != What::Ready || self.plan.units[*unit].worker.is_some_and(declares)
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
        };
        let path = &self.plan.units[unit].path;
        let _ = writeln!(self.script, "  {path}: {:?} (no. {})", act.what, self.acts);
        for state in self.states.iter_mut().filter(|_| heard) {
            match &order {
                Order::Say => state.ready(unit),
                Order::End(exit) => state.end(unit, exit.clone()),
            }
        }
        self.strings.pull(unit, order);
    }

    async fn step(&mut self, step: &Step) -> Result<(), Stop> {
        let window = |number: usize| {
            let windows: Vec<_> = self.plan.units.iter().filter_map(|unit| unit.limit).collect();
            windows.get(number % windows.len().max(1)).map_or(1_000, |(_, within)| *within)
        };
        match step.wait {
            Wait::No => {}
            Wait::Millis(millis) => self.pass(millis).await?,
            Wait::Window(number, more) => self.pass(window(number) + more).await?,
        }
        // Rule 26: who is killed does not come to do what it is about to do.
        let heard = matches!(step.finale, None | Some(Finale::Shutdown));
        let mut taken = Vec::new();
        for act in &step.acts {
            self.act(*act, heard, &mut taken);
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
            let _ = writeln!(self.script, "  {finale:?}");
            self.seen.look().stopped();
            if finale == Finale::Shutdown {
                let mut others = self.states.clone();
                self.states.iter_mut().for_each(|state| state.shut_down(true));
                others.iter_mut().for_each(|state| state.shut_down(false));
                self.states.append(&mut others);
            } else {
                self.states.iter_mut().for_each(Model::kill_tree);
            }
        }
        let compared = self.compare().await;
        drop(killing);
        compared
    }

    /// Waits until nothing more happens, and compares it with what the model allows.
    async fn compare(&mut self) -> Result<(), Stop> {
        settle().await;
        let states = std::mem::take(&mut self.states);
        let allowed = explore(states, self.now).ok_or(Stop::TooOpen)?;
        let ended = self.handle.has_ended();
        let result = match ended {
            true => Some(self.handle.wait().await.map_err(|error| Failure::of(&error))),
            false => None,
        };
        let (told, alive, broken) = {
            let mut seen = self.seen.look();
            seen.settled();
            if ended {
                seen.finished();
            }
            let told: Vec<_> = seen.told.iter_mut().map(Told::take).collect();
            (told, seen.alive(), std::mem::take(&mut seen.broken))
        };
        let mut expected = String::new();
        for mut state in allowed {
            let says = state.told();
            let same = says.iter().zip(&told).all(|(says, told)| says.is(told));
            if same && state.alive() == alive && state.result == result {
                self.states.push(state);
            } else {
                let _ = writeln!(expected, "allowed:");
                self.show(&mut expected, &says, &state.alive(), &state.result);
            }
        }
        let mut seen = String::new();
        self.show(&mut seen, &told, &alive, &result);
        if self.states.is_empty() || !broken.is_empty() {
            let script = &self.script;
            return Err(Stop::Diverged(format!("{script}seen:\n{seen}{expected}{broken:#?}")));
        }
        self.script.push_str(&seen);
        self.tally.count(&told, result.as_ref());
        Ok(())
    }

    fn show(
        &self,
        into: &mut String,
        told: &[Told],
        alive: &[usize],
        result: &Option<Result<(), Failure>>,
    ) {
        for (unit, told) in self.plan.units.iter().zip(told) {
            let told = format!("{told:?}");
            if !told.is_empty() {
                let _ = writeln!(into, "      {}: {told}", unit.path);
            }
        }
        let alive: Vec<_> = alive.iter().map(|&unit| &*self.plan.units[unit].path).collect();
        let _ = writeln!(into, "      alive: {}", alive.join(" "));
        if let Some(result) = result {
            let _ = writeln!(into, "      result: {result:?}");
        }
    }

    /// Goes through the history, and ends the tree if that does not.
    async fn play(&mut self, history: &[Step]) -> Result<(), Stop> {
        // Without a wait, the first step comes before the tree is polled for the first time.
        if !matches!(history.first(), Some(Step { wait: Wait::No, .. })) {
            self.compare().await?;
        }
        for step in history {
            if !self.handle.has_ended() {
                self.step(step).await?;
            }
        }
        let end = |finale| Step { wait: Wait::No, acts: Vec::new(), finale: Some(finale) };
        if !self.handle.has_ended() {
            self.step(&end(Finale::Shutdown)).await?;
        }
        // Whoever takes a while to stop. One that is not asked yet may go on restarting for ever.
        for _ in 0..50 {
            let Some(time) = self.states[0].next_time() else { break };
            self.pass(time - self.now).await?;
        }
        // Whoever does not stop, and is waited for however long it takes.
        if !self.handle.has_ended() {
            self.step(&end(Finale::DropOwner)).await?;
        }
        let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        if self.handle.has_ended() && tasks == 0 {
            return Ok(());
        }
        let script = &self.script;
        Err(Stop::Diverged(format!("{script}not over, {tasks} tasks are left")))
    }
}

async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

/// Plays a history on a real tree. The error is the story up to the first step at which the tree
/// does what the model does not allow.
pub(crate) fn drive(tree: &Sup, history: &[Step], tally: &mut Tally) -> Result<(), String> {
    let plan = Arc::new(Plan::new(tree));
    let seen = Seen::new(&plan);
    let _recording = tracing::subscriber::set_default(seen.clone());
    let strings = Strings::new(&plan);
    let stage = Stage { plan: Arc::clone(&plan), seen: seen.clone(), strings: strings.clone() };
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().expect("it can be built");
    let played = runtime.block_on(async {
        let owner = stage.supervisor(0).name("root").start();
        let mut play = Play {
            plan: &plan,
            seen,
            strings,
            handle: owner.handle(),
            owner: Some(owner),
            states: vec![Model::new(&plan)],
            begin: Instant::now(),
            now: 0,
            script: String::new(),
            acts: 0,
            tally,
        };
        play.play(history).await
    });
    let what = match played {
        Ok(()) => tally::COMPARED,
        Err(Stop::TooOpen) => tally::TOO_OPEN,
        Err(Stop::Diverged(story)) => return Err(story),
    };
    tally.add(what, 1);
    Ok(())
}
