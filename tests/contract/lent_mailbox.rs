//! A mailbox that is lent to a worker loses nothing (rule 32).

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, Exit, Lent, RestartConfig, RestartPolicy, Shutdown, Strategy,
    Supervisor,
};
use sage_supervisor_tests::{limit, no_task_is_left, quiet_panics};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

const SENDERS: usize = 4;

/// Counts of all messages, and of the instances that read them.
#[derive(Default)]
struct Books {
    received: Vec<AtomicU8>,
    count: AtomicUsize,
    panics: AtomicUsize,
    heirs_of_a_panic: AtomicUsize,
    kills: AtomicUsize,
    /// The number of messages after which the run is dropped.
    enough: AtomicUsize,
    is_enough: Notify,
    kill: Notify,
    /// From now on no worker panics, and messages that are received count as left over.
    is_over: AtomicBool,
    left: AtomicUsize,
}

/// Returns whether the worker panics while it handles this message: one of a thousand, chosen at
/// random.
fn is_poison(message: usize) -> bool {
    let mut hash = (message as u64).wrapping_add(0x5eed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ (hash >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (hash ^ (hash >> 29)).is_multiple_of(1000)
}

type Inbox = mpsc::UnboundedReceiver<usize>;

async fn work(ctx: ChildContext, mut inbox: Lent<Inbox>, books: Arc<Books>) {
    if Lent::last_holder_panicked(&inbox) {
        books.heirs_of_a_panic.fetch_add(1, Relaxed);
    } else {
        assert!(!matches!(ctx.previous_exit(), Some(Exit::Panic(_))));
    }
    loop {
        let count = books.count.load(Relaxed);
        if count >= books.enough.load(Relaxed) {
            let killed = books.kills.load(Relaxed) > 0;
            if killed { &books.is_enough } else { &books.kill }.notify_one();
            pending::<()>().await;
        }
        if count % 20_000 == 19_999 {
            books.kill.notify_one();
        }
        let Some(message) = inbox.recv().await else { return };
        if books.is_over.load(Relaxed) {
            books.left.fetch_add(1, Relaxed);
        } else if is_poison(message) {
            books.panics.fetch_add(1, Relaxed);
            panic!("expected: poison");
        }
        books.received[message].fetch_add(1, Relaxed);
        books.count.fetch_add(1, Relaxed);
    }
}

/// Aborts the worker whenever `books.kill` is notified.
async fn kill(ctx: ChildContext, books: Arc<Books>) {
    while !books.is_over.load(Relaxed) {
        books.kill.notified().await;
        if ctx.supervisor().restart_child("worker").await.is_ok() {
            books.kills.fetch_add(1, Relaxed);
        }
    }
}

async fn nothing_is_lost(messages: usize) {
    quiet_panics();
    let received = (0..messages).map(|_| AtomicU8::new(0)).collect();
    let books = Arc::new(Books { received, ..Books::default() });
    let (sender, inbox) = mpsc::unbounded_channel();
    for first in 0..SENDERS {
        let sender = sender.clone();
        tokio::spawn(async move {
            for message in (first..messages).step_by(SENDERS) {
                sender.send(message).unwrap();
                if message % 1024 == first {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    drop(sender);

    let (of_worker, of_killer) = (Arc::clone(&books), Arc::clone(&books));
    let worker =
        ChildSpec::lending("worker", inbox, move |ctx, inbox| work(ctx, inbox, of_worker.clone()));
    let killer = ChildSpec::new("killer", move |ctx| kill(ctx, of_killer.clone()));
    let children = [
        worker.restart(RestartPolicy::Transient).shutdown(Shutdown::BrutalKill),
        killer.restart(RestartPolicy::Temporary).shutdown(Shutdown::BrutalKill),
    ];
    let enough = limit(u32::try_from(messages).unwrap() / 100);
    let mut tree = Supervisor::new(Strategy::OneForOne, enough).children(children);
    for enough in [messages / 3, messages - messages / 10] {
        books.enough.store(enough, Relaxed);
        // The notification may come from the run before.
        while books.count.load(Relaxed) < enough {
            tokio::select! {
                ended = tree.run() => panic!("{ended:?}"),
                () = books.is_enough.notified() => {}
            }
        }
        books.kills.store(0, Relaxed);
    }
    books.enough.store(usize::MAX, Relaxed);
    books.is_over.store(true, Relaxed);
    tree.run().await.unwrap();

    let panics = books.panics.load(Relaxed);
    assert!(panics > messages / 2_000, "{panics}");
    assert!(books.left.load(Relaxed) > messages / 20, "some are in the mailbox when all is over");
    let mut in_hand = 0;
    for (message, times) in books.received.iter().enumerate() {
        match times.load(Relaxed) {
            0 if is_poison(message) => in_hand += 1,
            1 => {}
            times => panic!("{message} was received {times} times"),
        }
    }
    assert_eq!(in_hand, panics);
    assert_eq!(books.count.load(Relaxed), messages - panics);
    assert_eq!(books.heirs_of_a_panic.load(Relaxed), panics);
    no_task_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rule_32_of_a_million_messages_none_is_lost_or_received_twice() {
    nothing_is_lost(1_000_000).await;
}

#[tokio::test]
async fn rule_32_on_one_thread_none_is_lost_or_received_twice() {
    nothing_is_lost(100_000).await;
}

/// The mailbox of the README: its reader has finished when no sender is left, and stops when it is asked.
#[tokio::test(start_paused = true)]
async fn rule_32_a_reader_without_senders_has_finished_and_one_that_is_asked_stops() {
    for are_senders_gone in [true, false] {
        let (orders, inbox) = mpsc::channel::<u32>(8);
        let written = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&written);
        let writer = ChildSpec::lending(
            "writer",
            inbox,
            move |ctx: ChildContext, mut inbox: Lent<mpsc::Receiver<u32>>| {
                let count = Arc::clone(&count);
                async move {
                    loop {
                        tokio::select! {
                            biased;
                            order = inbox.recv() => match order {
                                Some(order) => drop(count.fetch_add(order, Relaxed)),
                                None => return,
                            },
                            () = ctx.cancelled() => return,
                        }
                    }
                }
            },
        );
        let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
        let app = app.children([writer.restart(RestartPolicy::Transient)]).start();
        app.started().await.unwrap();
        let began = Instant::now();
        for order in [1, 2, 4] {
            orders.send(order).await.unwrap();
        }
        if are_senders_gone {
            drop(orders);
            app.wait().await.unwrap();
        } else {
            app.shutdown().await.unwrap();
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(written.load(Relaxed), 7, "orders that have arrived are written");
    }
}
