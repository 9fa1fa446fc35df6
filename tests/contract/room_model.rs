//! Random histories of a dynamic supervisor with few places, compared with a naive queue (rule 40).

use std::collections::VecDeque;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use sage_supervisor::{CommandError, DynamicSupervisor, Permit, Task};
use sage_supervisor_tests::{no_task_is_left, settle};

const HISTORIES: u64 = 300;
const STEPS: usize = 60;

/// A generator of numbers that is good enough here.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    /// Takes one of the values out, if there are any.
    fn take<T>(&mut self, of: &mut Vec<T>) -> Option<T> {
        (!of.is_empty()).then(|| of.remove(self.below(of.len())))
    }
}

type Waiting = Pin<Box<dyn Future<Output = Result<Permit, CommandError>>>>;

/// The supervisor, and whoever uses it.
struct Stage {
    pool: DynamicSupervisor,
    tasks: Vec<Task<()>>,
    permits: Vec<Permit>,
    /// The callers that wait, each with its number.
    waiting: Vec<(u64, Waiting)>,
}

/// The state in which the supervisor should be.
#[derive(Default)]
struct Model {
    most: usize,
    children: usize,
    reserved: usize,
    queue: VecDeque<u64>,
    /// The callers that have a place and have not looked.
    granted: Vec<u64>,
    callers: u64,
}

impl Model {
    fn has_room(&self) -> bool {
        self.children + self.reserved < self.most
    }

    fn hand_out(&mut self) {
        while self.has_room() {
            let Some(first) = self.queue.pop_front() else { return };
            self.reserved += 1;
            self.granted.push(first);
        }
    }

    fn give_up(&mut self, caller: u64) {
        if self.granted.contains(&caller) {
            self.reserved -= 1;
        }
        self.granted.retain(|granted| *granted != caller);
        self.queue.retain(|waits| *waits != caller);
    }
}

async fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Option<F::Output> {
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

fn is_full<T>(answer: &Result<T, CommandError>) -> bool {
    matches!(answer, Err(CommandError::MaxChildren { .. }))
}

impl Stage {
    /// Takes one step, and does the same in the model.
    async fn step(&mut self, random: &mut Random, model: &mut Model) {
        match random.below(8) {
            0 => {
                let started = self.pool.spawn_task("task", |_| pending()).await;
                assert_eq!(is_full(&started), !model.has_room());
                model.children += usize::from(started.is_ok());
                self.tasks.extend(started);
            }
            1 | 2 => {
                let pool = self.pool.clone();
                let mut waits: Waiting = Box::pin(async move { pool.reserve().await });
                assert!(poll(&mut waits).await.is_none());
                self.waiting.push((model.callers, waits));
                model.queue.push_back(model.callers);
                model.callers += 1;
            }
            3 => {
                let reserved = self.pool.try_reserve().await;
                assert_eq!(is_full(&reserved), !model.has_room());
                model.reserved += usize::from(reserved.is_ok());
                self.permits.extend(reserved);
            }
            4 => {
                let Some(permit) = random.take(&mut self.permits) else { return };
                drop(permit);
                model.reserved -= 1;
            }
            5 => {
                let Some(permit) = random.take(&mut self.permits) else { return };
                self.tasks.push(permit.spawn_task("task", |_| pending()).await.unwrap());
                (model.reserved, model.children) = (model.reserved - 1, model.children + 1);
            }
            6 => {
                let Some((caller, waits)) = random.take(&mut self.waiting) else { return };
                drop(waits);
                model.give_up(caller);
            }
            _ => {
                let Some(task) = random.take(&mut self.tasks) else { return };
                task.abort();
                task.await.unwrap_err();
                model.children -= 1;
            }
        }
        model.hand_out();
    }

    /// Lets the callers that have a place take it, and no other caller has one.
    async fn look(&mut self, model: &mut Model) {
        let mut left = Vec::new();
        for (caller, mut waits) in std::mem::take(&mut self.waiting) {
            let permit = poll(&mut waits).await;
            assert_eq!(permit.is_some(), model.granted.contains(&caller), "{caller}");
            match permit {
                Some(permit) => self.permits.push(permit.unwrap()),
                None => left.push((caller, waits)),
            }
        }
        self.waiting = left;
        model.granted.clear();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_40_room_is_given_as_a_naive_queue_gives_it() {
    for seed in 0..HISTORIES {
        let mut random = Random(seed);
        let mut model = Model { most: 1 + random.below(4), ..Model::default() };
        let pool = DynamicSupervisor::new().max_children(model.most);
        let running = pool.clone().start();
        settle().await;
        let mut stage = Stage { pool, tasks: Vec::new(), permits: Vec::new(), waiting: Vec::new() };
        for step in 0..STEPS {
            stage.step(&mut random, &mut model).await;
            if random.below(3) > 0 {
                settle().await;
                let counts = stage.pool.counts().await.unwrap();
                let found = (counts.specs, counts.reserved);
                assert_eq!(found, (model.children, model.reserved), "seed {seed}, step {step}");
            }
            if random.below(2) == 0 {
                settle().await;
                stage.look(&mut model).await;
            }
        }
        drop(stage);
        running.kill().await.unwrap();
        no_task_is_left().await;
    }
}
