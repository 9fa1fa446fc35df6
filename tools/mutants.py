#!/usr/bin/env python3
"""Breaks the engine in named ways, one at a time, and reports whether the tests notice.

    python3 tools/mutants.py [NAME ..]     tries the named mutants, or all of them
    python3 tools/mutants.py --check       only checks that every mutant still fits the source
    python3 tools/mutants.py --list        prints the names, each with its file

Mutants are tried on a copy of the committed state, so the work tree is left alone. A mutant that
survives stands for a rule that no test protects. A mutant is stale if its text is not found exactly
once in its file, or if the changed program does not compile; its entry in `MUTANTS` has to follow the
code. `--check` reads the work tree, finds the first kind of stale mutants, and compiles nothing.

The exit code is 1 if a mutant survived or is stale, and 0 otherwise.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = "sage-supervisor/src/"
POLICY = "../../sage-supervisor-policy/src/"
# In seconds, for the tests without the build. A test that hangs counts as one that fails.
TIME_LIMIT = 60
TEST = ["cargo", "test", "--quiet", "-p", "sage-supervisor", "-p", "sage-supervisor-policy",
        "-p", "sage-supervisor-tests", "--lib", "--test", "contract", "--test", "model",
        "--test", "panics"]

# Each mutant is its name, its file, the original text, and the text that replaces it.
MUTANTS = [
    ("join skipped", "engine/procedure/advance.rs",
     "Phase::Stopping | Phase::Killed => StopProgress::Stopping,",
     "Phase::Stopping | Phase::Killed => StopProgress::Down,"),
    ("reported before the future is dropped", "child/instance.rs",
     "report.ended(label, settle(future, exit));",
     "report.ended(label, exit);\n"
     "        let _ = contain(|| drop(future));"),
    ("restart counted twice", "engine/procedure/group.rs",
     "            self.limit.record(self.clock.moment(), charged_to)\n",
     "            self.limit.record(self.clock.moment(), charged_to);\n"
     "            self.limit.record(self.clock.moment(), charged_to)\n"),
    ("one of two same-instant exits dropped", "engine/turn.rs",
     "for (number, message) in mail.drain(..).enumerate() {",
     "let mut exits = 0;\n"
     "        for (number, message) in mail.drain(..).enumerate() {\n"
     "            exits += u32::from(matches!(message, Message::Exit { .. }));\n"
     "            if exits == 2 { continue; }"),
    ("the first to arrive is the root", "engine/exit/restart.rs",
     "due.iter().copied().min_by_key(|&child| self.children.rank(child))",
     "due.first().copied()"),
    ("an exit before the root widens nothing", "engine/procedure/group.rs",
     "self.mode = Mode::Restarting { root, at };\n"
     "            self.stop_together(root, Some(before));\n"
     "            self.reviewed.set_due();",
     "let _ = (root, at);"),
    ("restart after shutdown began", "engine/exit/restart.rs",
     "Mode::Restarting { .. } | Mode::Closing { .. } | Mode::Draining | Mode::Killing => {\n"
     "            Restart::None\n"
     "        }",
     "Mode::Restarting { .. } => Restart::None,\n"
     "        Mode::Closing { .. } | Mode::Draining | Mode::Killing => Restart::Each,"),
    ("stop order not reversed", "engine/procedure/close.rs",
     "if is_at_once { Mode::Draining } else { Mode::Closing { at: self.children.last() } };",
     "if is_at_once { Mode::Draining } else { Mode::Closing { at: self.children.last() } };\n"
     "        let mut at = self.children.first().filter(|_| !is_at_once);\n"
     "        while let Some(child) = at {\n"
     "            if matches!(self.children[child].phase(), Phase::Starting | Phase::Up) {\n"
     "                self.stop(child, Why::SupervisorEnds);\n"
     "            }\n"
     "            at = self.children.after(child);\n"
     "        }"),
    ("exit charged to a neighbour", "engine/turn.rs",
     "Message::Exit { child, exit } => self.ended(child, exit),",
     "Message::Exit { child, exit } => {\n"
     "                let near = self.children.before(child);\n"
     "                let up = near.filter(|&near| self.children[near].phase() == Phase::Up);\n"
     "                self.ended(up.unwrap_or(child), exit);\n"
     "            }"),
    ("window boundary off by one", POLICY + "limit.rs",
     "> limit.within",
     ">= limit.within"),
    ("limit off by one", POLICY + "limit.rs",
     "used >= limit.max_restarts",
     "used > limit.max_restarts"),
    ("instance token not renewed", "child/context.rs",
     "let (why, stop) = (FirstWhy::default(), StopSignal::default());",
     "let (why, stop) = (FirstWhy::default(), StopSignal::default());\n"
     "        if more.as_ref().is_some_and(|more| more.restarts > 0) { stop.ask(); }"),
    ("temporary child restarted by its own exit", POLICY + "restart.rs",
     "Self::Temporary => false,",
     "Self::Temporary => is_failure,"),
    ("the restart limit's error lost", "engine/procedure/group.rs",
     "self.notes.fail(SageError::Supervisor(Box::new(reached)));",
     "let _ = SageError::Supervisor(Box::new(reached));"),
    ("earlier runs not waited for", "child/declaration.rs",
     "let earlier = runs.iter().map(|run| run.vacated.clone()).collect();",
     "let earlier = Vec::new();"),
    ("stale retry carried out", "engine/command/lifecycle.rs",
     "self.children.set_plan(child, Plan::Stay);\n"
     "                    self.cancel_start(child);",
     ""),
    ("a stop at the end of a wait is lost", "engine/turn.rs",
     "        self.children[child].waits() && !is_over\n", "        !is_over\n"),
    ("a wait goes on in what is being stopped", "engine/procedure/answers.rs",
     "self.cancel_start(child);\n"
     "            self.refuse_start(child, Refusal::Ending);",
     "self.refuse_start(child, Refusal::Ending);"),
    ("a removed root ends the wait of its group", "engine/mode.rs",
     "(_, Some(root)) => Self::Restarting { root, at: root },",
     "(_, Some(next)) => Self::Starting { next: Some(next) },"),
    ("a group does not wait", "engine/procedure/group.rs",
     "self.hold_group(delay);",
     ""),
    ("a group waits up", "engine/procedure/advance.rs",
     "Mode::Restarting { root, at } => match self.bring_down(at, self.why_in_group(at)) {",
     "Mode::Restarting { .. } if self.group_start.is_some() => return Progress::Waits,\n"
     "                Mode::Restarting { root, at } => match self.bring_down(at, self.why_in_group(at)) {"),
    ("a supervisor ends while a restart waits", "engine/procedure/advance.rs",
     " && self.timers.is_empty();",
     ";"),
    ("failures in a row are not forgiven", "engine/exit/forgiveness.rs",
     "row: limits || backoff.is_some_and(|backoff| backoff.forgives(up_for))",
     "row: limits || (backoff.is_some_and(|backoff| backoff.forgives(up_for)) && false)"),
    ("the time before readiness forgives", "engine/children/record.rs",
     "if reports_readiness && ready_after.is_none() {",
     "if reports_readiness && ready_after.is_none() && false {"),
    ("a delayed restart counts for a limit that nobody has set", "child/declaration.rs",
     "self.is_limit_set || delay.is_zero()",
     "self.is_limit_set || delay.is_zero() || true"),
    ("a living instance makes up for nothing", "engine/procedure/group.rs",
     "charged_to.is_some_and(|child| self.is_forgiven(child))",
     "charged_to.is_some_and(|child| self.is_forgiven(child)) && false"),
    ("another child makes up for one that is gone", "engine/procedure/removal.rs",
     "self.limit.disown(Some(child));",
     "let _ = child;"),
    ("a plan may be of any depth", "child/declaration.rs",
     "if nested.levels == DEEPEST {\n                return;",
     "if false {\n                return;"),
    ("a child's own limit is not asked", "engine/exit/restart.rs",
     "due.retain(|&child| self.charge_own_limit(child));",
     ""),
    ("a child given up is forgotten", "engine/ending/result.rs",
     "self.notes.take_error().or(given_up)",
     "{ drop(given_up); self.notes.take_error() }"),
    ("a beat is not heard", "child/beat.rs",
     "self.last.fetch_max(after, Ordering::Relaxed);",
     "let _ = (after, Ordering::Relaxed);"),
    ("a late deadline is acted upon", "engine/time/again.rs",
     "_ if again == Again::NEVER && late > TOLERANCE => Some((own, again.next())),\n",
     ""),
    ("a late deadline begins again for ever", "engine/time/again.rs",
     "_ if again == Again::NEVER && late > TOLERANCE => Some((own, again.next())),",
     "_ if late > TOLERANCE => Some((own, again.next())),"),
    ("a child behind a blocked thread is judged", "child/probe.rs",
     "if state & RUNNING == 0 { Reach::Queued } else { Reach::Running }",
     "{ let _ = state; Reach::Running }"),
    ("a thread is judged by a paused clock", "engine/procedure/deadlines.rs",
     "return self.hold(deadline, length);",
     "return false;"),
    ("a grace counts from the kill", "engine/procedure/deadlines.rs",
     "self.members(wave).next().map(|_| rest)",
     "self.members(wave).next().map(|_| rest).filter(|_| false)"),
    ("a heartbeat is listened to once", "engine/exit/heartbeat.rs",
     "return self.schedule(child, Some(within - silence));",
     "return;"),
    ("a missed heartbeat is a stop", "engine/exit/heartbeat.rs",
     "slot.blame(StopCause::HeartbeatMissed);",
     "let _ = StopCause::HeartbeatMissed;"),
    ("who held a lent value is forgotten", "engine/exit/mod.rs",
     "slot.spec().note_exit(&exit);",
     ""),
    ("a missing value is told twice", "engine/exit/classify.rs",
     "(exit @ Exit::FailedStart(_), _) => exit,",
     ""),
    ("of several lent values one is lost", "child/lent.rs",
     "first.unused();",
     "std::mem::forget(first);"),
    ("a loan that is back between two instances has returned", "child/loan.rs",
     "if claims.count.load(Ordering::Acquire) == 0 {",
     "{"),
    ("the end of a claim is not told", "child/lent.rs",
     "claims.count.fetch_sub(1, Ordering::Release);",
     "let _ = &claims.count;"),
    ("a value is put while it is held", "child/loan.rs",
     "if !matches!(slot.place, Place::Taken) {",
     "if matches!(slot.place, Place::Here(_)) {"),
    ("who waits does not hear that a guard is back", "child/lent.rs",
     "        drop(slot);\n        note_change(&*self.slot);",
     "        drop(slot);"),
    ("a put value has had a holder", "child/loan.rs",
     "slot.holder_panicked = false;",
     ""),
    ("who asks at the end waits for ever", "engine/run.rs",
     ".chain(self.scope.mailbox().close())",
     ".chain(Vec::new())"),
    ("who queues at the end waits", "engine/procedure/close.rs",
     "        self.refuse_all_starts();\n"
     "        self.refuse_reloads();\n"
     "        if self.scope.is_nested() {",
     "        self.refuse_reloads();\n"
     "        if self.scope.is_nested() {"),
    ("a subtree is not waited for", "engine/procedure/advance.rs",
     "if self.awaited_start().is_some() {",
     "if self.awaited_start().is_some() && false {"),
    ("a kill is taken for a failure", "engine/run.rs",
     "if self.scope.is_killed() {",
     "if false {"),
    ("a thread that is killed is not told", "engine/children/body.rs",
     "Self::Thread(context) => context.ask_to_stop(),",
     "Self::Thread(_) => {}"),
    ("a thread has no grace", "engine/children/body.rs",
     "matches!(self, Self::Supervisor(_))",
     "matches!(self, Self::Supervisor(_) | Self::Thread(_))"),
    ("a thread has ended when it begins", "child/blocking.rs",
     "let exit = run::<R>(start, context, span.as_deref(), &report);\n"
     "        drop(entered);\n"
     "        JOINERS.join(thread, move || report.ended(label, exit));\n",
     "let start: ThreadStart = start;\n"
     "        R::ended(report, label, Exit::Normal);\n"
     "        let _ = contain(|| start(context));\n"
     "        drop((entered, thread));\n"),
    ("a thread is not joined", "child/blocking.rs",
     "JOINERS.join(thread, move || report.ended(label, exit));",
     "drop(thread);\n"
     "        report.ended(label, exit);"),
    ("an early request to stop is not heard", "handle/commands.rs",
     "if !asker.has_to_end() {",
     "if !asker.has_to_end() && !child.is_cancelled() {"),
    ("late answers wait for the run before", "engine/run.rs",
     "if self.children.has_late_answers() {",
     "if false {"),
    ("callers that have given up are kept", "engine/children/slot.rs",
     "callers.retain(|caller| !caller.reply.is_closed());\n",
     ""),
    ("every thread is that of a blocking child", "child/context.rs",
     "number_of(thread::current().id()) | IS_THREAD",
     "IS_THREAD"),
    ("a thread that hangs holds up others", "child/joiner.rs",
     "if state.ended.len() <= state.free {",
     "if state.alive > 0 {"),
    ("what a process leaves goes on", "child/process/group.rs",
     "Rest::Killed => name.kill(),",
     "Rest::Killed => {}"),
    ("what a process leaves does not hear of the stop", "child/process/group.rs",
     "name.ask(by);",
     "let _ = Name::ask;"),
    ("a dropped process goes on", "child/process/group.rs",
     "self.kill();\n"
     "        let until",
     "let until"),
    ("a dropped process is not reaped", "child/process/group.rs",
     "let until = Instant::now() + DROP_TIME;",
     "let until = Instant::now();\n"
     "        let _ = DROP_TIME;"),
    ("a process is over before its group", "child/process/group.rs",
     "remains::are_gone(self.name, asked, until).await;",
     "let _ = (remains::are_gone, asked);"),
    ("a group ends with its leader", "child/process/host.rs",
     "group.leader_ended(left)",
     "group.leader_ended(Rest::Killed)"),
    ("the time of a goodbye ends with its process", "child/process/host.rs",
     "matches!(stop.stage, Stage::Goodbye | Stage::Signalled)",
     "matches!(stop.stage, Stage::Signalled)"),
    ("without a bound a driver is never asked", "child/process/host.rs",
     "false => Some(Alarm::after(undisturbed(until))),",
     "false => until.map(|_| Alarm::after(undisturbed(until))),"),
    ("a driver is not told that its process has ended", "child/process/host.rs",
     "context.note_why(Why::ProcessEnded);",
     "let _ = Why::ProcessEnded;"),
    ("a missed request is not repeated", "child/process/remains.rs",
     "self.group.is_gone(self.looks, self.asked)",
     "self.group.is_gone(self.looks, None)"),
    ("a process that follows the request is asked again", "child/process/name.rs",
     "asked.checked_sub(member.started).is_some_and(|age| age <= BEING_STARTED)",
     "asked.checked_sub(member.started).is_some_and(|age| age <= BEING_STARTED * 1_000)"),
    ("the rest of a group is not killed in time", "child/process/host.rs",
     "if is_killed && until.is_none() {\n"
     "            group.kill();\n",
     "if is_killed && until.is_none() {\n"),
    ("any end by SIGTERM is obedience", "child/process/host.rs",
     "Order::Stop | Order::Kill if ended_as_asked(&exit, signal) =>",
     "_ if ended_as_asked(&exit, signal) =>"),
    ("the last output is lost", "child/process/host.rs",
     "    parts.output.finish();\n",
     "    let _ = Output::finish;\n"),
    ("a driver that saw the end is the cause", "child/process/host.rs",
     "if has_failed && stop.ended_by_itself() && parts.driver.saw_end() =>",
     "if false && has_failed && stop.ended_by_itself() && parts.driver.saw_end() =>"),
    ("a driver is not told that its process has failed", "child/process/host.rs",
     "    if has_failed && stop.stage == Stage::Running {\n        parts.ask_driver();\n",
     "    if has_failed && stop.stage == Stage::Running {\n"),
    ("the end of the input is no stage", "child/process/stage.rs",
     "(Self::Running, Cue::Stop) => Self::Goodbye,",
     "(Self::Running, Cue::Stop) => Self::Signalled,"),
    ("having given up is forgotten", "engine/exit/unresponsive.rs",
     "            self.note_unresponsive();\n",
     ""),
    ("leftovers below are ignored", "engine/children/slot.rs",
     "Some(Body::Supervisor(scope)) => !scope.vacated().is_cancelled(),",
     "Some(Body::Supervisor(_)) => false,"),
    ("stopped tasks are asked after the start", "engine/run.rs",
     "let mut progress = Progress::Yields;",
     "let mut progress = self.advance();"),
    ("a long start is not interrupted", "engine/procedure/advance.rs",
     "if starts == STARTS_BEFORE_YIELD {",
     "if starts == usize::MAX - STARTS_BEFORE_YIELD {"),
    ("killed tasks are polled on", "engine/reporter.rs",
     "self.0.is_killed()",
     "false"),
    ("a failed first start is retried", "engine/exit/mod.rs",
     "!self.startup.is_complete() && slot.starts() == 1",
     "!self.startup.is_complete() && slot.starts() == 0"),
    ("a failed restart ends a start", "engine/exit/mod.rs",
     "!self.startup.is_complete() && slot.starts() == 1",
     "!self.startup.is_complete()"),
    ("a failed first attempt ends what is up", "engine/exit/mod.rs",
     "!self.startup.is_complete() && slot.starts() == 1",
     "slot.starts() == 1"),
    ("a declared child stopped before its turn is gone", "engine/procedure/by_hand.rs",
     "&& !slot.was_only_queued();",
     "&& slot.starts() > 0;"),
    ("a group start is retried from its beginning", "engine/exit/restart.rs",
     "Mode::Starting { .. } if group == Group::All && have_all_failed_to_start() => {",
     "Mode::Starting { .. } if group == Group::All && have_all_failed_to_start() && false => {"),
    ("an old instance is heard", "engine/procedure/start.rs",
     "let Some(slot) = self.children.get_if(child, instance, Phase::Starting) else { return };",
     "let instance = self.children[child].instance().max(instance);\n"
     "        let Some(slot) = self.children.get_if(child, instance, Phase::Starting) else { return };"),
    ("a deadline is kept for the next instance", "engine/children/mod.rs",
     "(slot.instance() == instance && slot.phase() == phase)",
     "(slot.instance() >= instance && slot.phase() == phase)"),
    ("a stop by hand is answered too early", "engine/command/lifecycle.rs",
     "self.answer_when(child, Until::Down, reply, origin, blockers);",
     "reply.send(Ok(Arc::clone(self.children[child].name())));"),
    ("a stop by hand is forgotten at the exit", "engine/exit/restart.rs",
     "                && self.children[child].plan() != Plan::Stay\n",
     "                && self.children[child].plan() == self.children[child].plan()\n"
     "                || self.children[child].plan() == Plan::Stay\n"),
    ("a stop by hand is forgotten at the end of a group restart", "engine/procedure/advance.rs",
     "let stays = self.children[next].plan() == Plan::Stay;",
     "let stays = self.children[next].plan() == Plan::Stay && false;"),
    ("a widened restart leaves out what was stopped by hand", "engine/procedure/group.rs",
     "self.reset_plans(root, Some(before));",
     "let _ = before;"),
    ("a restart by hand is charged", "engine/command/lifecycle.rs",
     "self.answer_when(child, Until::Up, reply, origin, blockers);",
     "self.answer_when(child, Until::Up, reply, origin, blockers);\n"
     "        self.limit.record(self.clock.now());"),
    ("a restart by hand holds up nobody", "engine/children/slot.rs",
     " || self.plan == Plan::Start",
     ""),
    ("a failed start by hand is retried", "engine/exit/consequence.rs",
     "Ended { is_started_by_hand: true, .. } if has_failed => Consequence::FailByHand,",
     "Ended { is_started_by_hand: true, .. } if has_failed && false => Consequence::FailByHand,"),
    ("a removed child comes back with its group", "engine/command/lifecycle.rs",
     "        self.remove(child);\n"
     "        self.children.keep_if_none_is_alive();",
     "        self.children.keep_if_none_is_alive();"),
    ("the removal of the last child ends its supervisor", "engine/command/lifecycle.rs",
     "        self.children.keep_if_none_is_alive();\n"
     "        Ok(name)",
     "        Ok(name)"),
    ("those who come last get room first", "engine/children/room.rs",
     "while let Some(reply) = self.waiting.pop_front() {",
     "while let Some(reply) = self.waiting.pop_back() {"),
    ("a start overtakes those who wait for room", "engine/command/reserve.rs",
     "None => self.hand_out_places(),", "None => {}"),
    ("those who wait for room do not hear of the end", "engine/procedure/answers.rs",
     "if self.children.is_room_wanted() {", "if false {"),
    ("an abort by the owner is a failure", "engine/exit/aborted.rs",
     "self.children[child].note_asked();", ""),
    ("a stream that is dropped leaves its tasks", "task/stream.rs",
     "builder.abort_on_drop().spawn(start).await", "builder.spawn(start).await"),
    ("an item more than may be in flight", "task/stream.rs",
     "self.in_flight() < self.limit", "self.in_flight() <= self.limit"),
    ("one child more than there may be", "engine/command/admission.rs",
     "if !self.children.has_room(max_children) => {",
     "if !self.children.has_room(max_children.saturating_add(1)) => {"),
    ("a failure is forgotten with that of another", "engine/children/departures.rs",
     "Some((slot.record().departure()?, slot))",
     "Some((slot.record().departure().filter(|&n| n == 1)?, slot))"),
    ("a finished dynamic child stays", "engine/view/pending.rs",
     "is_down && self.leaves_nothing_behind && !self.is_ahead && !self.is_ending",
     "is_down && self.leaves_nothing_behind && !self.is_ahead && !self.is_ending && false"),
    ("dynamic children stop one by one", "engine/procedure/close.rs",
     "self.declaration.dynamic.is_some() || self.declaration.stop_order.is_together();",
     "self.declaration.stop_order.is_together();"),
    ("a significant departure is not heeded", "engine/exit/significance.rs",
     "AutoShutdown::AnySignificant => true,",
     "AutoShutdown::AnySignificant => false,"),
    ("a stream outlives its tree", "event/emit.rs",
     "    stream.end();\n",
     ""),
    ("an exit is told twice", "engine/exit/mod.rs",
     "self.tell(child, &ChildEvent::Exit { exit: &exit, asked: was_asked });",
     "self.tell(child, &ChildEvent::Exit { exit: &exit, asked: was_asked });\n"
     "        self.tell(child, &ChildEvent::Exit { exit: &exit, asked: was_asked });"),
    ("what was missed is not counted", "event/stream.rs",
     "self.missed += missed;",
     ""),
    ("an event stays after the last has read it", "event/ring.rs",
     "        if is_last {\n",
     "        if is_last && self.readers == 0 {\n"),
    ("a subscriber leaves its events behind", "event/ring.rs",
     "while self.entries.front().is_some_and(|entry| entry.unread == 0) {",
     "while self.readers > 9 {"),
    ("sources go round", "chain.rs",
     "if std::ptr::eq(source, self.mark) {",
     "if std::ptr::eq(source, self.mark) && self.visited > 99 {"),
    ("a panic has the place of another", "panic_location.rs",
     "note.task == task && note.payload == payload",
     "note.task == task"),
    ("an exit is not remembered", "engine/children/record.rs",
     "more.earlier.push_back(Past { exit, at, lifetime });",
     "let _ = (exit, at, lifetime);"),
    ("one exit too many is remembered", "engine/children/record.rs",
     "const EXITS: usize = 4;",
     "const EXITS: usize = 5;"),
    ("nested supervisors are left out", "engine/view/answer.rs",
     "scope.command(Request::to_engine(operation).into());",
     "let _ = (scope, operation);"),
    ("a restart is shown for ever", POLICY + "limit.rs",
     "<= limit.within;",
     "< limit.within * 9;"),
    ("the last who asks is named", "engine/ending/report.rs",
     "if self.notes.has_begun() {\n"
     "            return;",
     "if self.notes.has_begun() && false {\n"
     "            return;"),
    ("who asks is taken for the parent", "engine/procedure/shutdown.rs",
     "request.unwrap_or(by_parent).into()",
     "{ drop(request); by_parent.into() }"),
    ("who kills is not known", "scope/mod.rs",
     "if by != Requester::Parent {",
     "if by != Requester::Parent && false {"),
    ("to be asked in the first start is a failure", "engine/exit/classify.rs",
     "(Exit::Normal, _) if !was_asked && seen.was_shut_down => Exit::Normal,",
     ""),
    ("a stop is told with the time of the one before", "engine/ending/notes.rs",
     "if stop.stopping.is_none_or(|(last, _)| last != child) {",
     "if stop.stopping.is_none() {"),
    ("the late are those of all times", "engine/ending/report.rs",
     "if reason != KillReason::ShutdownTimeout {",
     "if reason != reason {"),
    ("restarts below are forgotten", "engine/ending/notes.rs",
     "self.restarts += below.restarts;",
     ""),
    ("failures below are forgotten", "engine/ending/notes.rs",
     "self.below.add_below(&below.failures);",
     ""),
    ("the late below are forgotten", "engine/ending/notes.rs",
     "self.shutdown_timeouts.add_all(&below.shutdown_timeouts);",
     "let _ = below;"),
    ("what failed below is forgotten", "engine/ending/notes.rs",
     "self.failures.add_below(&below.stop_failures);",
     "let _ = below;"),
    ("who is late has not failed", "engine/ending/failure.rs",
     "failed || shutdown_timed_out",
     "failed || shutdown_timed_out && false"),
    ("who is killed on purpose has failed", "engine/ending/failure.rs",
     "Exit::Killed => !was_asked,",
     "Exit::Killed => was_asked || !was_asked,"),
    ("a part that stops badly is an error of its own", "engine/ending/result.rs",
     "let is_root = !self.scope.is_nested();",
     "let is_root = true;"),
    ("an unresponsive child is counted twice", "engine/ending/notes.rs",
     "self.counted.insert(child.index())",
     "self.counted.insert(child.index()) || true"),
    ("a significant failure is no error", "engine/ending/report.rs",
     " || spec.is_significant() {",
     " {"),
    ("the error comes after who kills", "engine/ending/report.rs",
     "        self.begin_ending_with_error();\n"
     "        self.begin_ending(EndCause::Requested",
     "        self.begin_ending(EndCause::Requested"),
    ("what was aborted at once took no time", "engine/ending/notes.rs",
     "since_its_stop.or(self.aborted.as_ref().map(|&(_, at)| at))",
     "since_its_stop"),
    ("what was being stopped took its time from the kill on", "engine/ending/notes.rs",
     "since_its_stop.or(self.aborted.as_ref().map(|&(_, at)| at))",
     "self.aborted.as_ref().map(|&(_, at)| at)"),
    ("an old exit is told of a task that has not ended", "engine/ending/report.rs",
     ".filter(|_| has_ended)",
     ".filter(|_| has_ended || true)"),
    ("a request is told once more by a signal", "event/emit.rs",
     "if matches!(by, Requester::Signal { .. } | Requester::Parent) {",
     "if false {"),
    ("a signal that arrives twice aborts", "signal/received.rs",
     "now.duration_since(last) < within",
     "now.duration_since(last) < within && false"),
    ("a signal during the start is lost", "signal/trees.rs",
     "None => tree.waiting.push(heard),",
     "None => {}"),
    ("the signal thread runs the wakers of subscribers", "signal/trees.rs",
     "self.wakes.run(move || drop(echoes));",
     "drop(echoes);"),
    ("a signal during the start wakes subscribers on the thread of the start", "signal/trees.rs",
     "if let Some(threads) = threads {\n            threads.run(aftermaths);",
     "if threads.is_some() {\n            drop(split(aftermaths));"),
    ("a hangup that is ignored ends the tree", "signal/hangup.rs",
     "Some(!has_hangup(\"SigIgn:\")? &&",
     "Some((!has_hangup(\"SigIgn:\")? || true) &&"),
    ("the deadline of a phase that is over is that of the next", "engine/procedure/deadlines.rs",
     "slot.instance() == instance && slot.phase() == phase",
     "slot.instance() == instance && (slot.phase() == phase || true)"),
    ("a deadline that was taken back fires", "engine/procedure/deadlines.rs",
     "owned == Some(deadline.at)",
     "owned.is_some()"),
    ("a deadline that has passed is counted on", "engine/children/mod.rs",
     "        if self.roster[child].set_deadline(None).is_some() {\n"
     "            timers.settle();",
     "        if self.roster[child].set_deadline(None).is_some() {\n"
     "            let _ = &timers;"),
    ("an earlier deadline waits for a later one", "engine/time/timers.rs",
     "if queue.wakes_at > next.at {",
     "if false {"),
    ("what comes after the end is kept", "scope/mailbox.rs",
     "state.is_closed = true;",
     ""),
    ("mail does not wake", "scope/mailbox.rs",
     "engine.wake();",
     "drop(engine);"),
    ("mail wakes who asked first", "scope/mailbox.rs",
     "if !state.engine.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {",
     "if state.engine.is_none() {"),
    ("what is left in the mailbox is not answered", "engine/run.rs",
     "let _ = contain(|| drop(message));",
     "std::mem::forget(message);"),
    ("a request to end waits behind the backlog", "engine/turn.rs",
     "self.overtake();",
     ""),
    ("a deadline overtakes the backlog", "engine/turn.rs",
     "fired = self.inbox.hold(fired);",
     "let held = self.inbox.hold(Vec::new());\n"
     "            fired.extend(held);"),
    ("the engine waits behind its caller", "scope/mod.rs",
     "drop(runtime.spawn(std::future::ready(())));",
     "let _ = runtime;"),
    ("the result of a task comes before its place is free", "task/link.rs",
     "self.is_over && self.is_settled", "self.is_over"),
    ("a turn has the moment of the one before", "engine/turn.rs",
     "        self.clock.read();\n"
     "        let heard_at",
     "        let heard_at"),
    ("who waits at the end is overlooked", "engine/procedure/answers.rs",
     "if !self.children.has_callers() && self.timers.is_empty() {",
     "if self.timers.is_empty() {"),
    ("what waits at the end is overlooked", "engine/procedure/answers.rs",
     "if !self.children.has_callers() && self.timers.is_empty() {",
     "if !self.children.has_callers() {"),
    ("what is said of one child is said of another", "engine/ending/notes.rs",
     "&mut self.stopped[child.index()]",
     "&mut self.stopped[0]"),
    ("a failure for good outlives the next start", "engine/children/record.rs",
     "more.departure = None;",
     ""),
    ("children are not written out", "report/draft.rs",
     "report.root.children = self.children();",
     ""),
    ("what is below is not written out", "report/draft.rs",
     "below.map(Draft::children).unwrap_or_default()",
     "Vec::new()"),
    ("who was late is not written out", "report/draft.rs",
     "shutdown_timed_out: self.shutdown_timed_out,",
     "shutdown_timed_out: false,"),
    ("the last row of a stop has no deadline", "engine/procedure/waves.rs",
     "        self.flush();\n"
     "        self.by_timeout.keys().copied()",
     "        self.by_timeout.keys().copied()"),
    ("a row of a stop has the time of the next", "engine/procedure/waves.rs",
     "            self.flush();\n"
     "            self.row.0 = timeout;",
     "            self.row.0 = timeout;\n"
     "            self.flush();"),
    ("a kill by hand leaves a stop alone", "engine/command/kill.rs",
     "Phase::Starting | Phase::Up | Phase::Stopping => Kill::Now,\n"
     "        Phase::Killed => Kill::Await,",
     "Phase::Starting | Phase::Up => Kill::Now,\n"
     "        Phase::Stopping | Phase::Killed => Kill::Await,"),
    ("a failure by hand before readiness is no failed start", "engine/command/kill.rs",
     "let was_starting = phase == Phase::Starting;",
     "let was_starting = false;"),
    ("a state that passes within a turn is missed", "engine/procedure/start.rs",
     "        self.note_up(child);\n"
     "        self.note_state(child);\n",
     "        self.note_up(child);\n"),
    ("who waits no more is kept", "child/stop.rs",
     "if signal.asked() { None } else { waiters.remove(place) }",
     "{ let _ = (&mut waiters, place); None::<std::task::Waker> }"),
    ("who is woken is not yet asked", "child/stop.rs",
     "            self.asked.store(true, Ordering::Release);\n"
     "            std::mem::take(&mut *waiters)\n"
     "        };\n"
     "        waiters.wake();",
     "            std::mem::take(&mut *waiters)\n"
     "        };\n"
     "        waiters.wake();\n"
     "        self.asked.store(true, Ordering::Release);"),
    ("of several who wait one is woken", "child/wake_list.rs",
     "into_iter().flatten().for_each(wake)",
     "into_iter().flatten().take(1).for_each(wake)"),
    ("all tokens have one parent", "child/wake_list.rs",
     "let turn = many.tokens % PARENTS;",
     "let turn = 0;"),
    ("unresponsive tasks are answered with a restart", "engine/exit/consequence.rs",
     "Ended { was_asked: false, has_unresponsive: true, .. } => Consequence::Escalate,",
     "Ended { was_asked: false, has_unresponsive: true, policy_restarts: false, .. } => Consequence::Escalate,"),
    ("a child that was asked to end is restarted", "engine/exit/consequence.rs",
     "Ended { was_asked: true, .. } => Consequence::StayDown,",
     ""),
    ("a late start counts as asked for", "engine/exit/classify.rs",
     "(seen.was_asked && !has_failed) || is_killed",
     "{ let _ = has_failed; seen.was_asked || is_killed }"),
    ("a kill of the scope is a failure", "engine/exit/classify.rs",
     "let is_killed = matches!(exit, Exit::Killed) && seen.is_scope_killed;",
     "let is_killed = matches!(exit, Exit::Killed) && seen.is_scope_killed && false;"),
    ("the last significant child ends too early", "engine/exit/significance.rs",
     "AutoShutdown::AllSignificant => !is_any_left(),",
     "AutoShutdown::AllSignificant => { let _ = is_any_left; true }"),
    ("a declined start is waited for", "engine/exit/unresponsive.rs",
     "Some(StopCause::Declined | StopCause::Verdict) | None => false,",
     "Some(StopCause::Declined) => true,\n"
     "                Some(StopCause::Verdict) | None => false,"),
    ("a stopped child is not held", "engine/children/counters.rs",
     "self.held += usize::from(plan == Plan::Stay);",
     "self.held += 0 * usize::from(plan == Plan::Stay);"),
    ("an unresponsive child is counted on", "engine/children/counters.rs",
     "self.unresponsive -= usize::from(before == Phase::Unresponsive);",
     "let _ = before;"),
    ("a procedure stands at a removed child", "engine/procedure/removal.rs",
     "self.mode = self.mode.without(child, before, after);",
     "let _ = (before, after);"),
    ("a plan is carried out beside an unresponsive task", "engine/procedure/by_hand.rs",
     "_ if phase != Phase::Down => Next::Remain,",
     "_ if !matches!(phase, Phase::Down | Phase::Unresponsive) => Next::Remain,"),
    ("a killed start is a failed one", "engine/exit/classify.rs",
     "(exit, _) if seen.was_starting && !was_asked => {",
     "(exit, _) if seen.was_starting && !seen.was_asked => {"),
    ("a late instance is not excused by a kill", "engine/exit/classify.rs",
     "let was_asked = (seen.was_asked && !has_failed) || is_killed;",
     "let was_asked = (seen.was_asked || is_killed) && !has_failed;"),
    ("a late first start that was killed is a stop", "engine/exit/consequence.rs",
     "Ended { is_first_start: true, plan: Plan::Policy, .. } if has_failed => {",
     "Ended { is_first_start: true, was_asked: false, plan: Plan::Policy, .. } if has_failed => {"),
    ("a stopped start by hand is not its command's", "engine/exit/consequence.rs",
     "Ended { is_started_by_hand: true, .. } if has_failed => Consequence::FailByHand,",
     "Ended { is_started_by_hand: true, plan: Plan::Policy, .. } if has_failed => {\n"
     "            Consequence::FailByHand\n"
     "        }"),
    ("a decline is answered as a failure", "engine/exit/consequence.rs",
     "} else if ended.has_declined && is_last_start {",
     "} else if ended.has_declined && is_last_start && false {"),
    ("timeouts of a stop overwrite each other", "engine/procedure/waves.rs",
     "self.by_timeout.entry(timeout).or_default().append(&mut children);",
     "self.by_timeout.insert(timeout, std::mem::take(&mut children));"),
    ("a removed child keeps its name", "engine/children/mod.rs",
     "        self.names.remove(slot.name());\n",
     ""),
    ("a removed child departs under another's id", "engine/children/departures.rs",
     "departure.child.take_if(|departed| *departed == child);",
     "let _ = (&departure, child);"),
    ("a command restarts what its group leaves out", "engine/command/lifecycle.rs",
     "_ if self.is_ahead && self.is_left_out => Err(Refusal::Restarting),\n"
     "            _ if self.starts_once",
     "_ if self.starts_once"),
    ("a child waits for itself", "scope/waits.rs",
     "if blocker.is_held_up_by(steps) {",
     "if blocker.is_held_up_by(steps) && steps.is_empty() {"),
    ("a group overtakes a wait unseen", "engine/procedure/waiting.rs",
     "if self.reviewed.is_outgrown_by(queue) {",
     "if !self.reviewed.is_outgrown_by(queue) {"),
    ("a reload that is lost midway is a success", "engine/procedure/reload_steps.rs",
     "None => self.fail(&name, self.has_ended_error()),",
     "None => {}"),
    ("a reload ends the supervisor that it is for", "engine/procedure/advance.rs",
     "|| self.children.has_unstarted();",
     "|| false;"),
    ("a reload waits for a group that never comes up", "engine/procedure/reload.rs",
     "at == root && self.children[root].phase() == Phase::Down",
     "at == root && false"),
    ("a member of a pool forgets its number", "engine/command/replace.rs",
     "start.spec.in_pool_of(self.children.next_spec(child));",
     "Arc::clone(&start.spec);"),
    ("a stop looks at the callers of all children", "engine/procedure/stop.rs",
     "self.reviewed.set_due_for(child);",
     "self.reviewed.set_due();"),
    ("a shorter time is not handed down", "engine/procedure/shutdown.rs",
     "        self.hand_down_bound();\n",
     ""),
    ("a child that gives up in a start by hand is stopped", "engine/exit/consequence.rs",
     "Ended { verdict: Some(FailureScope::Child), plan: Plan::Policy, .. } => Consequence::GiveUp,",
     "Ended { verdict: Some(FailureScope::Child), plan: Plan::Policy, is_started_by_hand: false, .. } => Consequence::GiveUp,"),
    ("an aborted task forgets what a command has decided since", "engine/exit/aborted.rs",
     "if self.children[child].plan() == Plan::Policy {",
     "if self.children[child].plan() != Plan::Stay {"),
    ("a printed path is no address", "engine/command/mod.rs",
     "_ if may_begin_at_root && *name",
     "_ if !may_begin_at_root && *name"),
    ("a dynamic supervisor that runs is waited for", "child/declaration.rs",
     "let is_same_child = run.entry.ptr_eq(&entry) && !is_root(&entry);",
     "let is_same_child = run.entry.ptr_eq(&entry);"),
    ("a replaced spec is lost when its supervisor is restarted", "engine/procedure/replacement.rs",
     "        self.scope.tell_redeclared(self.reloads.received(), || {\n",
     "        self.scope.top().tell_redeclared(self.reloads.received(), || {\n"),
    ("a replaced child pays for the restarts before", "engine/procedure/replacement.rs",
     "        record.clear_limit();\n",
     ""),
    ("a successor takes over while the old instance lives", "engine/procedure/replacement.rs",
     "if self.children.has_changes() && self.children[child].phase() == Phase::Down {",
     "if self.children.has_changes() {"),
    ("a child that a reload leaves out comes back with its group", "engine/view/pending.rs",
     "            || self.children.is_leaving(child)\n"
     "    }\n"
     "\n"
     "    /// Returns whether a restart of its group would leave",
     "    }\n"
     "\n"
     "    /// Returns whether a restart of its group would leave"),
    ("the steps of a reload go on after a later one", "engine/command/reload.rs",
     "if !self.reloads.is_last(number) {",
     "if !self.reloads.is_last(number) && number == 0 {"),
    ("a span has the parent of whoever starts", "child/spanned.rs",
     "                parent: None,\n", ""),
    ("a future is dropped outside of its span", "child/spanned.rs",
     "if let Err(panic) = self.span.within(|| drop(future)) {",
     "if let Err(panic) = contain(|| drop(future)) {"),
    ("a subscriber that panics at an entry is a child that panics", "child/spanned.rs",
     "let entered = contain(|| self.0.get().enter());",
     "let entered = Ok::<_, ChildPanic>(self.0.get().enter());"),
    ("a nested supervisor has spans though its parent has none", "engine/mod.rs",
     "            has_spans: above.has_spans,\n", "            has_spans: true,\n"),
    ("a child that gave up is restarted", "engine/exit/consequence.rs",
     "Ended { verdict: Some(FailureScope::Child), plan: Plan::Policy, .. } => Consequence::GiveUp,",
     "Ended { verdict: Some(FailureScope::Child), plan: Plan::Policy, .. } => Consequence::Restart,"),
    ("a supervisor is restarted though its tree has failed", "engine/exit/mod.rs",
     "!(slot.is_supervisor() && self.scope.failure_of_tree().is_some())", "true"),
    ("a group is restarted though its tree has failed", "engine/exit/restart.rs",
     "if !due.is_empty() && self.scope.failure_of_tree().is_some() {", "if false {"),
    ("a shutdown makes a failed tree well", "engine/procedure/shutdown.rs",
     "            self.notes.fail_if_well(|| error);\n", "            drop(error);\n"),
    ("what a child does after its verdict counts", "engine/exit/verdict.rs",
     "*exit = Exit::Error(verdict.error);", "drop(verdict.error);"),
    ("the last reason for a stop counts", "scope/why.rs",
     "let _ = self.0.compare_exchange(0, why as u8, Ordering::Relaxed, Ordering::Relaxed);",
     "self.0.store(why as u8, Ordering::Relaxed);"),
    ("a child below does not know why its supervisor is stopped", "child/stop_reason.rs",
     "(by_parent, scope.place(), scope.why())", "(false && by_parent, scope.place(), scope.why())"),
    ("children that start together wait for one another", "engine/procedure/order.rs",
     "        if next.is_some() {\n            return None;\n        }\n", ""),
    ("a group that stops together is not asked at once", "engine/procedure/group.rs",
     "self.stop_together(root, None);", ""),
    ("the reserve is not kept", "engine/procedure/bounded_stop.rs",
     "longest.unwrap_or_default().min(time / 2)", "longest.unwrap_or_default().min(time / 200)"),
    ("the time of a supervisor is not handed down", "engine/procedure/stop.rs",
     "self.scope.stop_deadline().filter(|_| self.is_ending())",
     "self.scope.stop_deadline().filter(|_| false)"),
    ("the children of a pool have no numbers", "engine/procedure/start.rs",
     "let index = spec.index();", "let index = 0;"),
    ("a pool is counted as one child", "../../sage-supervisor-policy/src/declared/pool.rs",
     "Bound::Known(time.saturating_mul(instances as u64))", "Bound::Known(time)"),
    ("two partitions generate the same name", "engine/children/names.rs",
     "if let Some(Partition { index, .. }) = partition {",
     "if let Some(Partition { index, .. }) = partition.filter(|_| false) {"),
    ("a partition takes a name of another one", "engine/command/admission.rs",
     "            self.belongs_here(&name)?;\n",
     ""),
    ("a generated name does not lead to its partition", "child/partition.rs",
     "index_in(name).filter(|&index| index < partitions);",
     "index_in(name).filter(|_| false);"),
    ("a partition that is down hides the others", "partitioned/all.rs",
     "Some(error) if given.is_empty() => Err(error),",
     "Some(error) => Err(error),"),
    ("partitions are asked one after the other", "partitioned/all.rs",
     "Poll::Pending => is_over = false,",
     "Poll::Pending => return Poll::Pending,"),
    ("a partition goes on as another one", "child/same.rs",
     "one.partition == other.partition\n",
     "(one.partition == other.partition || one.max_children > 0)\n"),
    ("a run that ends well is an exit", "child/periodic.rs",
     "                    Poll::Ready(Exit::Normal) => Step::Ended,\n", ""),
    ("a run begins after the request to stop", "child/periodic.rs",
     "Step::First if this.context.is_cancelled() => {",
     "Step::First if this.context.is_cancelled() && false => {"),
    ("a wait goes on after the request to stop", "child/periodic.rs",
     "if Pin::new(stop).poll(cx).is_ready() {", "if Pin::new(stop).poll(cx).is_ready() && false {"),
    ("a thread does not wait for its next run", "child/periodic.rs",
     "context.wait_cancelled(context.rest())",
     "context.wait_cancelled(context.rest() * 0)"),
    ("a heartbeat is needed between two runs", "child/periodic.rs",
     "            beat.rest();\n", ""),
    ("no heartbeat is needed after the first run", "child/periodic.rs",
     "            beat.resume();\n", ""),
    ("a thread between two runs holds the paused clock", "engine/exit/heartbeat.rs",
     "|| body.context().is_some_and(ChildContext::rests)", "|| false"),
    ("a restarted instance waits for its first run", "child/schedule.rs",
     "every.waits_first() && !is_restart", "every.waits_first()"),
    ("the ticks are counted from the end of a run", "child/schedule.rs",
     "self.every.next(last, elapsed, self.instance);", "(last + 1, elapsed + self.every.period());"),
    ("ticks that passed are caught up", POLICY + "ticks.rs",
     "passed.max(last.saturating_add(1))", "last.saturating_add(1)"),
    ("a reload does not see another period", "child/settings.rs",
     "            && is_same_every\n", ""),
]


def problem(root, mutant):
    """The reason why a mutant does not fit the source below a folder, or None if it fits."""
    _, file, old, _ = mutant
    path = root / SOURCE / file
    if not path.is_file():
        return f"{file} does not exist"
    count = path.read_text().count(old)
    return None if count == 1 else f"its text is found {count} times in {file}"


def check(mutants):
    """Prints the mutants that do not fit the work tree, and returns their number."""
    stale = 0
    for mutant in mutants:
        reason = problem(ROOT, mutant)
        if reason:
            print(f"STALE      {mutant[0]}: {reason}")
            stale += 1
    print(f"{len(mutants)} mutants, {stale} stale")
    return stale


def run(command, folder, environment, time_limit=None):
    """The exit code and the output of a command.

    At the time limit the command is killed, with all processes that it has started; the exit code is
    then None.
    """
    process = subprocess.Popen(
        command, cwd=folder, env=environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        output, _ = process.communicate(timeout=time_limit)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None, ""


def attempt(folder, environment):
    """Builds and tests a program. The verdict is "survived", "caught", "hangs" or "no program"."""
    code, output = run([*TEST, "--no-run"], folder, environment)
    if code != 0:
        return "no program", output
    code, output = run(TEST, folder, environment, TIME_LIMIT)
    if code is None:
        return "hangs", output
    return ("survived" if code == 0 else "caught"), output


def try_all(mutants):
    """Prints the verdict on each mutant, and returns the number of those that survived or are stale."""
    survived = stale = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        environment = dict(os.environ, CARGO_TARGET_DIR=str(Path(folder) / "target"),
                           RUST_BACKTRACE="0", SAGE_MODEL_SEED="1")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(copy)], check=True)
        verdict, output = attempt(copy, environment)
        if verdict != "survived":
            sys.exit(f"{output}\nthe tests fail on the committed state")
        for mutant in mutants:
            name, file, old, new = mutant
            if reason := problem(copy, mutant):
                print(f"STALE      {name}: {reason}", flush=True)
                stale += 1
                continue
            path = copy / SOURCE / file
            text = path.read_text()
            path.write_text(text.replace(old, new))
            verdict, output = attempt(copy, environment)
            path.write_text(text)
            if verdict == "no program":
                print(f"STALE      {name}: it does not compile\n{output}", flush=True)
                stale += 1
            elif verdict == "survived":
                print(f"SURVIVED   {name}", flush=True)
                survived += 1
            else:
                print(f"caught     {name}{' (a test hangs)' if verdict == 'hangs' else ''}", flush=True)
    print(f"{len(mutants)} mutants, {survived} survived, {stale} stale")
    return survived + stale


def main():
    parser = argparse.ArgumentParser(
        description="Breaks the engine in named ways and reports whether the tests notice.")
    parser.add_argument("--check", action="store_true",
                        help="only check that the text of every mutant is found exactly once")
    parser.add_argument("--list", action="store_true", help="print the names of the mutants")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only the mutants of these names")
    arguments = parser.parse_args()

    unknown = set(arguments.names) - {mutant[0] for mutant in MUTANTS}
    if unknown:
        parser.error(f"there is no mutant {', '.join(map(repr, sorted(unknown)))}; see --list")
    chosen = [mutant for mutant in MUTANTS if not arguments.names or mutant[0] in arguments.names]
    if arguments.list:
        for name, file, _, _ in chosen:
            print(f"{file:26} {name}")
        return
    found = check(chosen) if arguments.check else try_all(chosen)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
