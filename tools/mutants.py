#!/usr/bin/env python3
"""Breaks the engine in named ways, one at a time, and sees whether the tests notice.

    python3 tools/mutants.py [NAME ..]

It works on a copy of the committed state, so the work tree is left alone. A mutant that survives is
a rule that no test shows; the exit code is the number of them. One whose text is no longer found in
the source is an error: it has to follow the code.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = "sage-supervisor/src/"
# A test that hangs has noticed too.
TIME_LIMIT = 60

# name, file, what is there, what is put in its place
MUTANTS = [
    ("join skipped", "engine/procedure.rs",
     "Phase::Stopping | Phase::Killed => Descent::Under,",
     "Phase::Stopping | Phase::Killed => Descent::Down,"),
    ("reported before the future is dropped", "child/instance.rs",
     "report.ended(label, settle(life, exit));",
     "report.ended(label, exit);\n        let _ = contain(|| drop(life));"),
    ("restart counted twice", "engine/turn.rs",
     "let verdict = self.limit.record(self.clock.now());",
     "self.limit.record(self.clock.now());\n"
     "        let verdict = self.limit.record(self.clock.now());"),
    ("one of two same-instant exits dropped", "engine/turn.rs",
     "for (number, message) in mail.drain(..).enumerate() {",
     "let mut exits = 0;\n        for (number, message) in mail.drain(..).enumerate() {\n"
     "            exits += u32::from(matches!(message, Message::Exit { .. }));\n"
     "            if exits == 2 { continue; }"),
    ("the first to arrive is the root", "engine/turn.rs",
     "due.iter().copied().min_by_key(|&child| self.roster.rank(child))",
     "due.first().copied()"),
    ("an exit before the root widens nothing", "engine/turn.rs",
     "self.mode = Mode::Restarting { root: earliest, at };",
     "let _ = at;"),
    ("restart after shutdown began", "engine/turn.rs",
     "(_, None) | (Mode::Closing { .. } | Mode::Draining | Mode::Killing, _) => {}",
     "(_, None) => {}\n"
     "            (Mode::Closing { .. } | Mode::Draining | Mode::Killing, _) => self.restart_each(&due),"),
    ("stop order not reversed", "engine/procedure.rs",
     "if is_dynamic { Mode::Draining } else { Mode::Closing { at: self.roster.last() } };",
     "if is_dynamic { Mode::Draining } else { Mode::Closing { at: self.roster.last() } };\n"
     "        let mut at = self.roster.first().filter(|_| !is_dynamic);\n"
     "        while let Some(child) = at {\n"
     "            let _ = self.bring_down(child);\n"
     "            at = self.roster.after(child);\n"
     "        }"),
    ("exit charged to a neighbour", "engine/turn.rs",
     "Message::Exit { child, exit } => self.ended(child, exit),",
     "Message::Exit { child, exit } => {\n"
     "                let near = self.roster.before(child);\n"
     "                let up = near.filter(|&near| self.roster[near].phase == slot::Phase::Up);\n"
     "                self.ended(up.unwrap_or(child), exit);\n"
     "            }"),
    ("window boundary off by one", "restart.rs", "> limit.within", ">= limit.within"),
    ("limit off by one", "restart.rs", "used >= limit.max_restarts", "used > limit.max_restarts"),
    ("instance token not renewed", "child/context.rs",
     "let stop = StopSignal::default();",
     "let stop = StopSignal::default();\n"
     "        if more.as_ref().is_some_and(|more| more.restarts > 0) { stop.ask(); }"),
    ("temporary child restarted by its own exit", "restart.rs",
     "Self::Temporary => false,", "Self::Temporary => exit.is_failure(),"),
    ("breaker's error lost", "engine/turn.rs",
     "self.cause = Some(SageError::Supervisor(Box::new(reached)));", "let _ = reached;"),
    ("earlier runs not waited for", "child/declaration.rs",
     "let earlier = runs.iter().map(|run| run.vacated.clone()).collect();",
     "let earlier = Vec::new();"),
    ("stale retry carried out", "engine/commands.rs",
     "self.plan(child, Plan::Stay);\n                    self.stop_waiting(child);",
     ""),
    ("a stop at the end of a wait is lost", "engine/instances.rs",
     "Phase::Down if self.roster[child].waits && !self.is_ending() => self.start(child),",
     "Phase::Down if !self.is_ending() => self.start(child),"),
    ("a wait goes on in what is being stopped", "engine/answers.rs",
     "self.stop_waiting(child);\n            self.refuse_start(child, &CommandError::NotRunning);",
     "self.refuse_start(child, &CommandError::NotRunning);"),
    ("a removed root ends the wait of its group", "engine/removal.rs",
     "(_, Some(root)) => Mode::Restarting { root, at: root },",
     "(_, Some(next)) => Mode::Starting { next: Some(next) },"),
    ("a group does not wait", "engine/turn.rs", "self.hold_group(delay);", ""),
    ("a group waits up", "engine/procedure.rs",
     "Mode::Restarting { root, at } => match self.bring_down(at) {",
     "Mode::Restarting { .. } if self.group_wait.is_some() => return Step::Wait,\n"
     "                Mode::Restarting { root, at } => match self.bring_down(at) {"),
    ("a supervisor ends while a restart waits", "engine/procedure.rs",
     " && self.timers.is_empty();", ";"),
    ("failures in a row are not forgiven", "engine/record.rs",
     "if backoff.forgives(up_for) {", "if backoff.forgives(up_for) && false {"),
    ("the time before readiness forgives", "engine/record.rs",
     "(None | Some(Exit::FailedStart(_)), _) | (_, None)", "(None, _) | (_, None)"),
    ("a child's own limit is not asked", "engine/turn.rs",
     "due.retain(|&child| self.is_allowed_by_its_own_limit(child));", ""),
    ("a child given up is forgotten", "engine/procedure.rs",
     "self.cause.take().or(given_up)", "{ drop(given_up); self.cause.take() }"),
    ("a beat is not heard", "child/beat.rs", "self.last.fetch_max(after, Ordering::Relaxed);",
     "let _ = (after, Ordering::Relaxed);"),
    ("a heartbeat is listened to once", "engine/heartbeat.rs",
     "return self.schedule(child, Some(within - silence));", "return;"),
    ("a missed heartbeat is a stop", "engine/heartbeat.rs",
     "slot.verdict = Some(Verdict::Silent);", ""),
    ("who held a lent value is forgotten", "engine/exits.rs", "slot.spec.note_exit(&exit);", ""),
    ("a missing value is told twice", "engine/exits.rs", "exit @ Exit::FailedStart(_) => exit,", ""),
    ("of several lent values one is lost", "child/lent.rs", "first.unused();", "std::mem::forget(first);"),
    ("who asks at the end waits for ever", "engine/run.rs", "self.close_mailbox();", ""),
    ("who queues at the end waits", "engine/procedure.rs",
     "        self.refuse_all_starts();\n        if is_dynamic {", "        if is_dynamic {"),
    ("a subtree is not waited for", "engine/procedure.rs",
     "if last.is_some_and(|last| self.roster[last].is_starting()) {", "if false {"),
    ("a kill is taken for a failure", "engine/run.rs", "if self.scope.is_killed() {", "if false {"),
    ("a thread that is killed is not told", "engine/body.rs",
     "Self::Thread(context) => context.ask_to_stop(),",
     "Self::Thread(_) => {}"),
    ("a thread has no grace", "engine/body.rs",
     "matches!(self, Self::Supervisor(_))",
     "matches!(self, Self::Supervisor(_) | Self::Thread(_))"),
    ("a thread has ended when it begins", "child/blocking.rs",
     "let exit = contain(|| start(context)).unwrap_or_else(Exit::Panic);\n"
     "        settle(start, exit)\n",
     "report.ended(label, Exit::Normal);\n"
     "        let _ = contain(|| start(context));\n"
     "        return;\n"),
    ("what a process leaves goes on", "child/process/group.rs",
     "let mut is_killed = false;",
     "let mut is_killed = true;"),
    ("a dropped process goes on", "child/process/group.rs",
     "self.kill();\n        for _",
     "for _"),
    ("a dropped process is not reaped", "child/process/group.rs",
     "for _ in 0..LOOKS",
     "for _ in 0..0 * LOOKS"),
    ("any end by SIGTERM is obedience", "child/process/host.rs",
     "Order::Stop | Order::Kill if is_obedient(&exit) =>",
     "_ if is_obedient(&exit) =>"),
    ("the last output is lost", "child/process/host.rs",
     "    output.finish();\n",
     "    let _ = Output::finish;\n"),
    ("having given up is forgotten", "engine/unresponsive.rs",
     "self.fail(Unresponsive { paths, cause: None });\n            self.close();",
     "let _ = paths;\n            self.close();"),
    ("leftovers below are ignored", "engine/slot.rs",
     "Some(Body::Supervisor(scope)) => !scope.vacated().is_cancelled(),",
     "Some(Body::Supervisor(_)) => false,"),
    ("stopped tasks are asked after the start", "engine/run.rs",
     "let mut step = Step::Pause;", "let mut step = self.advance();"),
    ("a long start is not interrupted", "engine/procedure.rs",
     "if starts == STARTS_AT_A_TIME {", "if false {"),
    ("killed tasks are polled on", "engine/scope.rs",
     "self.0.is_killed()", "false"),
    ("a failed first start is retried", "engine/exits.rs",
     "!self.has_started && slot.starts == 1",
     "!self.has_started && slot.starts == 0"),
    ("a failed restart ends a start", "engine/exits.rs",
     "!self.has_started && slot.starts == 1", "!self.has_started"),
    ("a failed first attempt ends what is up", "engine/exits.rs",
     "!self.has_started && slot.starts == 1", "slot.starts == 1"),
    ("a declared child stopped before its turn is gone", "engine/commands.rs",
     "|| slot.was_only_queued() =>", "|| slot.starts == 0 =>"),
    ("a group start is retried from its beginning", "engine/turn.rs",
     "Group::All if due.iter().all(|&child| self.failed_in_group(child)) => {",
     "Group::All if false => {"),
    ("an old instance is heard", "engine/instances.rs",
     "let Some(slot) = self.roster.still(child, instance, Phase::Starting) else { return };\n        slot.phase = Phase::Up;",
     "let instance = self.roster[child].instance.max(instance);\n"
     "        let Some(slot) = self.roster.still(child, instance, Phase::Starting) else { return };\n"
     "        slot.phase = Phase::Up;"),
    ("a deadline is kept for the next instance", "engine/roster.rs",
     "(slot.instance == instance && slot.phase == phase)", "(slot.phase == phase)"),
    ("a stop by hand is answered too early", "engine/commands.rs",
     "self.tell_when(child, Until::Down, reply);",
     "reply.send(Ok(Arc::clone(&self.roster[child].name)));"),
    ("a stop by hand is forgotten at the exit", "engine/turn.rs",
     "                && self.roster[child].plan != Plan::Stay\n", ""),
    ("a stop by hand is forgotten at the end of a group restart", "engine/procedure.rs",
     "let stays = self.roster[next].plan == Plan::Stay;", "let stays = false;"),
    ("a widened restart leaves out what was stopped by hand", "engine/turn.rs",
     "self.begin_afresh(earliest, Some(root));", ""),
    ("a restart by hand is charged", "engine/commands.rs",
     "self.tell_when(child, Until::Up, reply);",
     "self.tell_when(child, Until::Up, reply);\n        self.limit.record(self.clock.now());"),
    ("a restart by hand holds up nobody", "engine/slot.rs",
     " || self.plan == Plan::Start", ""),
    ("a failed start by hand is retried", "engine/exits.rs",
     "} else if self.roster[child].by_hand && failed {", "} else if failed && false {"),
    ("a removed child comes back with its group", "engine/removal.rs",
     "                self.remove(child);\n                self.is_kept |= self.alive == 0;\n"
     "                Ok(name)",
     "                if let Some(names) = &mut self.names { names.remove(&name); }\n"
     "                self.is_kept |= self.alive == 0;\n                Ok(name)"),
    ("the removal of the last child ends its supervisor", "engine/removal.rs",
     "                self.is_kept |= self.alive == 0;\n                Ok(name)",
     "                Ok(name)"),
    ("one child more than there may be", "engine/admission.rs",
     "self.roster.len() >= room", "self.roster.len() > room"),
    ("a failure is forgotten with that of another", "engine/significance.rs",
     "self.roster[child].record.departure()?",
     "self.roster[child].record.departure().filter(|&n| n == 1)?"),
    ("a finished dynamic child stays", "engine/removal.rs",
     "if self.leaves_nothing_behind(child) && is_over {", "if self.leaves_nothing_behind(child) && is_over && false {"),
    ("dynamic children stop one by one", "engine/procedure.rs",
     "let is_dynamic = self.declaration.dynamic.is_some();", "let is_dynamic = false;"),
    ("a significant departure is not heeded", "engine/significance.rs",
     "AutoShutdown::AnySignificant => true,", "AutoShutdown::AnySignificant => false,"),
    ("a stream outlives its tree", "event/emit.rs", "    stream.end();\n", ""),
    ("an exit is told twice", "engine/exits.rs",
     "self.tell(child, &ChildEvent::Exit { exit: &exit, asked });",
     "self.tell(child, &ChildEvent::Exit { exit: &exit, asked });\n"
     "        self.tell(child, &ChildEvent::Exit { exit: &exit, asked });"),
    ("what was missed is not counted", "event/stream.rs", "self.missed += missed;", ""),
    ("an exit is not remembered", "engine/record.rs",
     "more.earlier.push_back(Past { exit, at, lifetime });", "let _ = (exit, at, lifetime);"),
    ("one exit too many is remembered", "engine/record.rs",
     "const EXITS: usize = 4;", "const EXITS: usize = 5;"),
    ("nested supervisors are left out", "engine/snapshot.rs",
     "scope.command(Request { path: Vec::new(), operation }.into());",
     "let _ = (scope, operation);"),
    ("a restart is shown for ever", "restart.rs", "<= limit.within;", "< limit.within * 9;"),
    ("the last who asks is named", "engine/ending.rs",
     "if self.ending.is_some() {\n            return;", "if false {\n            return;"),
    ("who asks is taken for the parent", "engine/ending.rs",
     "request.map_or(from_above, |request| *request).into()", "from_above.into()"),
    ("who kills is not known", "engine/scope.rs", "if by != Requester::Parent {", "if false {"),
    ("to be asked in the first start is a failure", "engine/exits.rs",
     "Exit::Normal if !asked && slot.was_shut_down() => Exit::Normal,", ""),
    ("a stop is told with the time of the one before", "engine/ending.rs",
     "let is_new = ending.turn.is_none_or(|(last, _)| last != child);",
     "let is_new = ending.turn.is_none();"),
    ("the late are those of all times", "engine/ending.rs",
     "filter(|_| reason == KillReason::ShutdownTimeout)", "filter(|_| true)"),
    ("restarts below are forgotten", "engine/ending.rs",
     "self.totals.restarts += below.restarts;", ""),
    ("failures below are forgotten", "engine/ending.rs",
     "self.totals.below.add_below(&below.failures);", ""),
    ("the late below are forgotten", "engine/ending.rs",
     "ending.shutdown_timeouts.add_below(&below.head().shutdown_timeouts);", ""),
    ("a significant failure is no error", "engine/ending.rs",
     " && !slot.spec.is_significant();", ";"),
    ("the error comes after who kills", "engine/ending.rs",
     "        self.begin_ending_with_error();\n        self.begin_ending(EndCause::Requested",
     "        self.begin_ending(EndCause::Requested"),
    ("what was aborted at once took no time", "engine/ending.rs",
     "Mode::Killing => its_turn.or(ending.aborted.as_ref().map(|(_, at)| *at)),",
     "Mode::Killing => its_turn,"),
    ("what was being stopped took its time from the kill on", "engine/ending.rs",
     "Mode::Killing => its_turn.or(ending.aborted.as_ref().map(|(_, at)| *at)),",
     "Mode::Killing => ending.aborted.as_ref().map(|(_, at)| *at),"),
    ("an old exit is told of a task that has not ended", "engine/ending.rs",
     ".filter(|_| has_ended)", ".filter(|_| has_ended || true)"),
    ("a request is told once more by a signal", "event/emit.rs",
     "if matches!(by, Requester::Signal { .. } | Requester::Parent) {", "if false {"),
    ("the deadline of a phase that is over is that of the next", "engine/roster.rs",
     "it.instance == instance && it.phase == phase", "it.instance == instance"),
    ("a deadline that was taken back fires", "engine/roster.rs",
     "own == Some(deadline.at)", "own.is_some()"),
    ("a deadline that has passed is counted on", "engine/turn.rs",
     "self.timers.settle();", ""),
    ("an earlier deadline waits for a later one", "engine/timers.rs",
     "if queue.wakes_at > next.at {", "if false {"),
    ("what comes after the end is kept", "engine/mailbox.rs", "state.is_closed = true;", ""),
    ("mail does not wake", "engine/mailbox.rs", "engine.wake();", "drop(engine);"),
    ("mail wakes who asked first", "engine/mailbox.rs",
     "if !state.waits.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {",
     "if state.waits.is_none() {"),
    ("what is left in the mailbox is not answered", "engine/run.rs",
     "let _ = contain(|| drop(message));", "std::mem::forget(message);"),
    ("a turn has the moment of the one before", "engine/turn.rs",
     "self.clock.read();\n        fired.retain", "fired.retain"),
    ("who waits at the end is overlooked", "engine/answers.rs",
     "if self.waiters == 0 && self.timers.is_empty() {", "if self.timers.is_empty() {"),
    ("what waits at the end is overlooked", "engine/answers.rs",
     "if self.waiters == 0 && self.timers.is_empty() {", "if self.waiters == 0 {"),
    ("what is said of one child is said of another", "engine/ending.rs",
     "&mut self.stopped[child.index()]", "&mut self.stopped[0]"),
    ("a failure for good outlives the next start", "engine/record.rs",
     "more.departure = None;", ""),
    ("children are not written out", "report/draft.rs",
     "report.root.children = self.children();", ""),
    ("what is below is not written out", "report/draft.rs",
     "below.map(Draft::children).unwrap_or_default()", "Vec::new()"),
    ("who was late is not written out", "report/draft.rs",
     "shutdown_timed_out: self.shutdown_timed_out,", "shutdown_timed_out: false,"),
    ("the last row of a stop has no deadline", "engine/procedure.rs",
     "        self.stop_by(&mut row);\n        for &time", "        for &time"),
    ("a row of a stop has the time of the next", "engine/procedure.rs",
     "self.stop_by(&mut row);\n                    row.0 = time;",
     "row.0 = time;\n                    self.stop_by(&mut row);"),
    ("who waits no more is kept", "child/stop.rs",
     "if self.signal.asked() { None } else { waiters.remove(place) }",
     "{ let _ = (&mut waiters, place); None::<std::task::Waker> }"),
    ("who is woken is not yet asked", "child/stop.rs",
     "            self.asked.store(true, Ordering::Release);\n"
     "            std::mem::take(&mut *waiters)\n        };\n        waiters.wake();",
     "            std::mem::take(&mut *waiters)\n        };\n        waiters.wake();\n"
     "        self.asked.store(true, Ordering::Release);"),
    ("of several who wait one is woken", "child/wake_list.rs",
     "into_iter().flatten().for_each(wake)", "into_iter().flatten().take(1).for_each(wake)"),
]


def run(command, folder, target):
    """The exit code of a command, or None if it took too long. What it started ends with it."""
    environment = dict(os.environ, CARGO_TARGET_DIR=str(target), RUST_BACKTRACE="0",
                       SAGE_MODEL_SEED="1")
    process = subprocess.Popen(
        command, cwd=folder, env=environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        output, _ = process.communicate(timeout=TIME_LIMIT)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None, ""


def main():
    root = Path(__file__).resolve().parent.parent
    wanted = sys.argv[1:]
    chosen = [mutant for mutant in MUTANTS if not wanted or mutant[0] in wanted]
    test = ["cargo", "test", "--quiet", "-p", "sage-supervisor", "-p", "sage-supervisor-tests",
            "--lib", "--test", "contract", "--test", "model"]
    survivors, stale = [], []
    with tempfile.TemporaryDirectory() as folder:
        copy, target = Path(folder) / "copy", Path(folder) / "target"
        subprocess.run(["git", "clone", "--quiet", str(root), str(copy)], check=True)
        subprocess.run([*test, "--no-run"], cwd=copy, check=True, capture_output=True,
                       env=dict(os.environ, CARGO_TARGET_DIR=str(target)))
        if run(test, copy, target)[0] != 0:
            sys.exit("the tests fail on the code as it is")
        for name, file, old, new in chosen:
            path = copy / SOURCE / file
            text = path.read_text()
            if text.count(old) != 1:
                print(f"NOT FOUND  {name}", flush=True)
                stale.append(name)
                continue
            path.write_text(text.replace(old, new))
            code, output = run(test, copy, target)
            path.write_text(text)
            if "could not compile" in output:
                print(f"NO PROGRAM {name}\n{output}", flush=True)
                stale.append(name)
            elif code == 0:
                print(f"SURVIVED   {name}", flush=True)
                survivors.append(name)
            else:
                print(f"caught     {name}{' (a test hangs)' if code is None else ''}", flush=True)
    print(f"{len(chosen)} mutants, {len(survivors)} survived, {len(stale)} to be mended")
    sys.exit(len(survivors) + len(stale))


if __name__ == "__main__":
    main()
