//! What a run would send, as far as that can be said before anything is answered. Sends nothing.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use super::before;
use super::context::Context;
use super::control;
use super::error::RunError;
use super::options::Options;
use super::plan::{self, Plan, TestCase, test_cases};
use super::probe;
use super::stop::Stop;
use crate::http::{Request, curl_line};
use crate::suite::{Override, RenderError, Scope, Step};
use crate::verdict::{Control, Outcome};

/// The name by which templates see what the probes came to.
const PROBES: &str = "probes";
/// The number of the first of several tries, of which each has other values.
const FIRST: Option<usize> = Some(0);
/// How many mistakes are told.
const MISTAKES: usize = 100;

/// A case as it would be run. Every text is masked.
#[derive(Debug, Default)]
pub struct PlannedCase {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Why it is skipped, or on what it depends whether it is.
    pub note: Option<String>,
    /// What it sends, in order.
    pub requests: Vec<PlannedRequest>,
}

/// A request of a case, or so many repeats of it.
#[derive(Debug, Default)]
pub struct PlannedRequest {
    /// What it is there for, and how it is sent; may be empty.
    pub what: String,
    /// The command that sends the same, or method and path as the suite writes them.
    pub text: String,
    /// What keeps it from being rendered now.
    pub needs: Option<String>,
    /// How often it is sent at most before anything is found; 0 for what follows from the answers.
    pub count: usize,
}

/// Hands on what a run of the plan would send, in its order. Gives back what is wrong with the suite's templates: place and cause.
///
/// # Errors
/// A suite that its contract doesn't fit, or what `take` says.
pub fn preview(
    plan: Plan,
    options: Options,
    mut take: impl FnMut(PlannedCase) -> io::Result<()>,
) -> Result<Vec<String>, RunError> {
    let mut preview =
        Preview { context: Context::new(plan, options, &Stop::new())?, shared: BTreeSet::new(), mistakes: Vec::new() };
    let logins = preview.logins();
    if !logins.requests.is_empty() {
        take(logins)?;
    }
    let context = preview.context.clone();
    let (suite, filters) = (context.suite(), &context.plan.filters);
    for resource in plan::shared(suite, filters, &context.called) {
        take(preview.case(&before::test_case(suite, &resource), None))?;
        preview.shared.insert(resource.name.clone());
    }
    for operation in &context.called {
        take(preview.case(&control::test_case(&context, operation, Control::Before), FIRST))?;
        let id = control::id(suite, operation, Control::Bare);
        let negative = TestCase::negative_control(&context.plan, operation, id);
        if let Some(negative) = negative.filter(|_| plan::refuses(suite, filters, operation)) {
            take(preview.case(&negative, None))?;
        }
    }
    for probe in &suite.probes {
        take(preview.case(&TestCase::probe(suite, probe::id(suite, probe), probe), FIRST))?;
    }
    for test_case in test_cases(suite, filters) {
        take(preview.case(&test_case, None))?;
    }
    for operation in &context.called {
        take(preview.case(&control::test_case(&context, operation, Control::After), FIRST))?;
    }
    let removals = preview.removals();
    if !removals.requests.is_empty() {
        take(removals)?;
    }
    Ok(preview.mistakes)
}

/// Whether a text has a name as a whole word.
fn has_word(text: &str, name: &str) -> bool {
    text.split(|character: char| !character.is_alphanumeric() && character != '_').any(|word| word == name)
}

struct Preview {
    context: Context,
    /// The resources that all cases share, as far as they would be there.
    shared: BTreeSet<String>,
    mistakes: Vec<String>,
}

impl Preview {
    /// The requests for the secrets that a run obtains. From then on something stands for each of them that is masked as it is.
    fn logins(&mut self) -> PlannedCase {
        let context = self.context.clone();
        let obtained = context.bindings.obtained();
        let mut logins = PlannedCase { title: "secrets that the run obtains".to_owned(), ..PlannedCase::default() };
        for secret in &context.suite().secrets {
            let Some(obtain) = secret.obtain.as_ref().filter(|_| obtained.has(&secret.name)) else { continue };
            let scope = Scope::new(&context.bindings, context.options.seed, &format!("obtain {}", secret.name));
            let what = format!("obtains {}", secret.name);
            match obtain.request(&scope, &context.options.base_url) {
                Ok(request) => {
                    let dressed = obtain.origin.is_none();
                    let text = self.command(request, dressed);
                    logins.requests.push(PlannedRequest { what, text, count: 1, needs: None });
                }
                Err(error) => self.mistake(&context.suite().file, 1, &error),
            }
            let value = format!("what-the-run-obtains-for-{}", secret.name);
            match context.options.secrets.obtain(&secret.name, value.as_str().into()) {
                Ok(()) => obtained.add(&secret.name, &value),
                Err(error) => self.mistake(&context.suite().file, 1, &RenderError::from(error)),
            }
        }
        logins
    }

    /// A case, or which of several tries of it.
    fn case(&mut self, test_case: &TestCase, number: Option<usize>) -> PlannedCase {
        let TestCase { case, row, id, .. } = test_case;
        let context = self.context.clone();
        let mut planned = PlannedCase {
            id: self.masked(id),
            title: self.masked(&case.title_of(row).to_string()),
            ..PlannedCase::default()
        };
        let value_id = number.map_or_else(|| id.clone(), |number| format!("{id}#{number}"));
        let scope = match context.scope(&value_id, row) {
            Ok(scope) => scope,
            Err(error) => {
                self.mistake(&case.file, case.line, &error);
                return planned;
            }
        };
        if let Ok(title) = case.title_of(row).text(&scope) {
            planned.title = self.masked(&title);
        }
        let needs = case.needs_of(row);
        match context.unmet(needs) {
            Some((Outcome::Skipped, reason)) => {
                planned.note = Some(self.masked(&format!("skipped: {reason}")));
                return planned;
            }
            // No probe has come to anything yet.
            Some(_) => {
                let probes: Vec<&str> = needs
                    .iter()
                    .map(String::as_str)
                    .filter(|need| context.suite().probes.iter().any(|probe| probe.name == *need))
                    .collect();
                planned.note = Some(format!("only if the target accepts {}", probes.join(" and ")));
            }
            None => {}
        }
        let mut answers = BTreeSet::from([PROBES.to_owned()]);
        for (number, step) in case.steps.iter().enumerate() {
            let is_shared = step
                .makes
                .as_ref()
                .is_some_and(|(name, resource)| self.shared.contains(&resource.name) && case.shares(name, resource));
            if !is_shared {
                planned.requests.extend(self.step(test_case, (number, step), &scope, &answers));
            }
            answers.extend(step.save.iter().cloned());
            answers.extend(step.makes.iter().map(|(name, _)| name.clone()));
        }
        planned
    }

    /// A step of a case; none where it is left out.
    fn step(
        &mut self,
        TestCase { case, row, .. }: &TestCase,
        (number, step): (usize, &Step),
        scope: &Scope,
        answers: &BTreeSet<String>,
    ) -> Option<PlannedRequest> {
        let context = self.context.clone();
        let is_answer =
            |name: &&str| answers.contains(*name) && !row.columns.iter().any(|(column, _)| **column == **name);
        let is_only = case.steps.iter().filter(|step| step.makes.is_none()).count() == 1;
        let mut what: Vec<String> = match (&step.makes, &step.id) {
            (Some((name, _)), _) => vec![format!("makes {name}")],
            (None, _) if is_only => Vec::new(),
            (None, Some(id)) => vec![format!("step {id}")],
            (None, None) => vec![format!("step {}", number + 1)],
        };
        if step.repeat > 1 {
            let at_most = if step.until_accepted { "up to " } else { "" };
            what.push(format!("{at_most}{} times", step.repeat));
            what.extend(step.concurrently.then(|| "all at once".to_owned()));
        }
        if let Some(when) = &step.when {
            let is_known = !when.names().iter().map(String::as_str).any(|name| is_answer(&name));
            match when.value(scope) {
                _ if !is_known => what.push(format!("only if {when}")),
                Ok(value) if value.is_true() => {}
                Ok(_) => return None,
                Err(error) => {
                    self.mistake(&case.file, step.line, &error);
                    return None;
                }
            }
        }
        let count = step.repeat as usize;
        let (plan, overrides) = (&step.operation.request, &step.overrides);
        let what = self.masked(&what.join(", "));
        let outline = self.masked(&plan.outline(overrides));
        if let Some(name) = plan.names_with(overrides).find(is_answer) {
            let needs = Some(self.masked(&format!("needs an answer: {name}")));
            return Some(PlannedRequest { what, text: outline, needs, count });
        }
        let scope = if step.repeat > 1 { scope.attempt(0) } else { scope.clone() };
        match context.request(&step.operation, overrides, &scope) {
            Ok(request) => Some(PlannedRequest { what, text: self.command(request, true), needs: None, count }),
            // A template may name one where it can't be told beforehand.
            Err(RenderError::Template { text, .. }) if answers.iter().any(|name| has_word(&text, name)) => {
                let needs = Some(self.masked(&format!("needs an answer: {text}")));
                Some(PlannedRequest { what, text: outline, needs, count })
            }
            Err(error) => {
                self.mistake(&case.file, step.line.max(case.line), &error);
                None
            }
        }
    }

    /// How what these requests create is removed.
    fn removals(&self) -> PlannedCase {
        let suite = self.context.suite();
        let makers = suite.resources.iter().map(|resource| &resource.make);
        let mut known = BTreeSet::new();
        let title = "what is created is removed after its case".to_owned();
        let mut removals = PlannedCase { title, ..PlannedCase::default() };
        for operation in self.context.called.iter().chain(makers).filter(|operation| known.insert(operation.id())) {
            let Some(cleanup) = &operation.cleanup else { continue };
            removals.requests.push(PlannedRequest {
                what: self.masked(&format!("what {} creates", operation.id())),
                text: self.masked(&cleanup.request.outline(&Override::default())),
                needs: Some("needs the answer that created it".to_owned()),
                count: 0,
            });
        }
        removals
    }

    /// The command that sends a request, as the client does; without the headers of every request where it goes elsewhere.
    fn command(&self, request: Request, is_dressed: bool) -> String {
        let request = Arc::new(request);
        let client = &self.context.client;
        let sent = if is_dressed { client.dressed(request) } else { request };
        let secrets = &self.context.options.secrets;
        curl_line(&sent, &|text| secrets.pieces(text))
    }

    fn masked(&self, text: &str) -> String {
        self.context.options.secrets.mask(text).into_owned()
    }

    fn mistake(&mut self, file: &str, line: u32, error: &RenderError) {
        let mistake = self.masked(&format!("{file}:{line}: {error}"));
        if self.mistakes.len() < MISTAKES && !self.mistakes.contains(&mistake) {
            self.mistakes.push(mistake);
        }
    }
}
