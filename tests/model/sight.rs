//! The observations after a step, and the story of all steps.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::answers::{Answer, Look, Shown};
use crate::facts::{Failure, Told, Unclean};
use crate::model::Model;
use crate::plan::Plan;

/// The observations after a step, or those that a state of the model allows.
pub(crate) struct Sight {
    /// The reports of the supervisors, under their numbers.
    pub(crate) told: Vec<Told>,
    pub(crate) alive: Vec<usize>,
    /// The children that every supervisor shows. A tree that has ended shows none.
    pub(crate) looks: Vec<(usize, Look)>,
    pub(crate) answers: Vec<(usize, Answer)>,
    pub(crate) result: Option<Result<(), Failure>>,
    /// The paths of the supervisors that were killed. The observed ones do not tell.
    pub(crate) killed: Vec<String>,
}

/// The acts and the observations of a play. They are formatted only if somebody is to read them.
#[derive(Default)]
pub(crate) struct Story(Vec<Line>);

enum Line {
    Did(String),
    Saw(Sight),
}

impl Sight {
    /// The observations that a state of the model predicts.
    pub(crate) fn of(state: &mut Model<'_>, plan: &Plan, ended: bool) -> Self {
        let look = |sup| (sup, state.look(sup));
        let looks = if ended { Vec::new() } else { plan.supervisors().map(look).collect() };
        Self {
            looks,
            told: state.told(),
            alive: state.alive(),
            answers: std::mem::take(&mut state.answers),
            result: state.result.clone(),
            killed: state.killed(),
        }
    }

    /// The result of `seen`, as far as it is compared. A supervisor that is killed may handle the exits
    /// of that moment before or after the kill, so it is open if a failure among them is one of the
    /// stop.
    fn result<'a>(&self, seen: &'a Self) -> Option<Cow<'a, Result<(), Failure>>> {
        let result = seen.result.as_ref()?;
        let Err(Failure::Unclean(all)) = result else { return Some(Cow::Borrowed(result)) };
        let is_below = |path: &str, above: &str| {
            path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
        };
        let is_open =
            |child: &&Unclean| self.killed.iter().any(|above| is_below(&child.path, above));
        let rest: Vec<_> = all.iter().filter(|child| !is_open(child)).cloned().collect();
        let is_clean = rest.is_empty();
        Some(Cow::Owned(if is_clean { Ok(()) } else { Err(Failure::unclean(rest)) }))
    }

    pub(crate) fn is(&self, seen: &Self) -> bool {
        self.told.iter().zip(&seen.told).all(|(says, told)| says.is(told))
            && (&self.alive, &self.looks) == (&seen.alive, &seen.looks)
            && self.answers == seen.answers
            && self.result(self) == self.result(seen)
    }

    fn show(&self, plan: &Plan, into: &mut String) {
        for (unit, told) in plan.units.iter().zip(&self.told) {
            let told = format!("{told:?}");
            if !told.is_empty() {
                let _ = writeln!(into, "      {}: {told}", unit.path);
            }
        }
        let alive: Vec<_> = self.alive.iter().map(|&unit| &*plan.units[unit].path).collect();
        let _ = writeln!(into, "      alive: {}", alive.join(" "));
        for (sup, look) in &self.looks {
            let look = show_look(plan, look);
            let _ = writeln!(into, "      {} has:{look}", plan.units[*sup].path);
        }
        for (number, answer) in &self.answers {
            let _ = writeln!(into, "      answer to no. {number}: {answer:?}");
        }
        if let Some(result) = &self.result {
            let _ = writeln!(into, "      result: {result:?}");
        }
    }
}

fn show_look(plan: &Plan, look: &Look) -> String {
    let child = |shown: &Shown| {
        let Shown { unit, state, restarts, restarts_at } = shown;
        let at = restarts_at.map_or(String::new(), |at| format!(" until {at}"));
        format!(" {} {state:?}{at} ({restarts})", plan.name(*unit))
    };
    match look {
        Ok(children) => children.iter().map(child).collect(),
        Err(answer) => format!(" {answer:?}"),
    }
}

impl Story {
    pub(crate) fn did(&mut self, what: String) {
        self.0.push(Line::Did(what));
    }

    pub(crate) fn saw(&mut self, sight: Sight) {
        self.0.push(Line::Saw(sight));
    }

    pub(crate) fn so_far(&self, plan: &Plan) -> String {
        let mut text = String::new();
        for line in &self.0 {
            match line {
                Line::Did(what) => {
                    let _ = writeln!(text, "  {what}");
                }
                Line::Saw(sight) => sight.show(plan, &mut text),
            }
        }
        text
    }

    /// The story up to the step at which the tree does something that is not allowed.
    pub(crate) fn tell(&self, plan: &Plan, seen: &Sight, allowed: &[Sight]) -> String {
        let mut text = self.so_far(plan);
        text.push_str("seen:\n");
        seen.show(plan, &mut text);
        for sight in allowed {
            text.push_str("allowed:\n");
            sight.show(plan, &mut text);
        }
        text
    }
}
