//! What a case expects of the status and the error code, compared with what came.

use std::sync::Arc;

use super::findings::Findings;
use super::{error_code_known, error_code_status};
use crate::contract::{AS_STATED, Contract, Polarity};
use crate::http::{Exchange, Response};
use crate::suite::{Accepted, Counts, Cover, Expect, Reading, Shape};
use crate::verdict::{CheckId, FindingKind, Place};

/// How an answer's status meets an expectation.
#[derive(Debug, Clone, Copy)]
pub enum Fit<'a> {
    /// As expected, or nothing was expected.
    Met,
    /// Tolerated, but not as documented: a deviation of this clause.
    Deviates(&'a str),
    /// One of the readings of an ambiguous clause.
    Reads(&'a Reading),
    /// Accepted as expected, with another 2xx than the documented ones.
    OtherSuccess,
    /// Something else.
    Missed,
}

/// Compares a status with an expectation.
pub fn fit<'a>(expect: &'a Expect, accepted: &Accepted, status: u16) -> Fit<'a> {
    let success = |status: u16| (200..300).contains(&status);
    if expect.status.contains(&status) {
        return Fit::Met;
    }
    if let Some((_, clause)) = expect.deviates.iter().find(|(tolerated, _)| *tolerated == status) {
        return Fit::Deviates(clause);
    }
    if let Some(reading) = expect.readings.iter().find(|reading| reading.status.contains(&status)) {
        return Fit::Reads(reading);
    }
    if expect.status.is_empty() && expect.readings.is_empty() {
        return Fit::Met;
    }
    let accepting = |statuses: &[u16]| statuses.iter().any(|status| accepted.status.contains(status));
    let accepts = accepting(&expect.status) || expect.readings.iter().any(|reading| accepting(&reading.status));
    let is_other = success(status) && !accepted.status.contains(&status);
    if accepts && is_other { Fit::OtherSuccess } else { Fit::Missed }
}

/// Every status that an expectation names.
pub fn declared(expect: &Expect, counts: Option<&Counts>) -> Vec<u16> {
    let mut statuses = expect.status.clone();
    statuses.extend(expect.deviates.iter().map(|(status, _)| *status));
    statuses.extend(expect.readings.iter().flat_map(|reading| reading.status.iter().copied()));
    if let Some(counts) = counts {
        statuses.extend(counts.exact.iter().map(|(status, _)| *status));
        statuses.extend(counts.rest.iter().copied());
    }
    statuses
}

/// The clause that a step is first of all about: the one that a wrong status breaks. None for set-up, where the step
/// only observes, and where it is about what an answer looks like: of an answer that never came, nothing can be said.
pub fn judged<'a>(covers: &'a [Cover], contract: &Contract) -> Option<&'a Cover> {
    covers.iter().find(|cover| match cover.polarity {
        Polarity::Accept | Polarity::Refuse => true,
        Polarity::Hold => {
            cover.clause == AS_STATED || contract.clause(&cover.clause).is_some_and(|clause| clause.relative)
        }
        Polarity::Observe => false,
    })
}

/// Reports how the status of an answer meets the expectation.
pub fn report_status(
    expect: &Expect,
    covers: &[Cover],
    accepted: &Accepted,
    contract: &Contract,
    response: &Response,
    findings: &mut Findings<'_>,
) {
    let observed = response.status.to_string();
    examine_status(expect, covers, accepted, contract, response, findings);
    match fit(expect, accepted, response.status) {
        Fit::Met => {}
        Fit::Deviates(clause) => {
            let kind = FindingKind::Deviation;
            findings.add(kind, clause, CheckId::EXPECT, Place::Status, wanted(expect), observed);
        }
        Fit::Reads(reading) => {
            for cover in covers.iter().filter(|cover| cover.polarity == Polarity::Observe) {
                let all = expect.readings.iter().map(|reading| reading.name.clone()).collect();
                findings.add(
                    FindingKind::Observation,
                    &cover.clause,
                    CheckId::EXPECT,
                    Place::Status,
                    all,
                    reading.name.clone(),
                );
            }
        }
        Fit::OtherSuccess => {
            let expected = accepted.status.iter().map(u16::to_string).collect();
            findings.break_clause(&accepted.clause, CheckId::EXPECT, Place::Status, expected, observed);
        }
        Fit::Missed => match judged(covers, contract) {
            Some(cover) => {
                findings.break_clause(&cover.clause, CheckId::EXPECT, Place::Status, wanted(expect), observed)
            }
            // A 5xx or an undocumented status is a finding of the general checks already.
            None if response.status >= 500 => {}
            None => findings.broken(CheckId::FITS_REQUEST, Place::Status, wanted(expect), observed),
        },
    }
}

/// Notes what an expected status is held against.
fn examine_status(
    expect: &Expect,
    covers: &[Cover],
    accepted: &Accepted,
    contract: &Contract,
    response: &Response,
    findings: &mut Findings<'_>,
) {
    if expect.status.is_empty() && expect.readings.is_empty() {
        return;
    }
    let observes = |cover: &&Cover| cover.polarity == Polarity::Observe;
    match judged(covers, contract) {
        Some(cover) => findings.examine_named(&cover.clause),
        None if covers.iter().any(|cover| observes(&cover)) => findings.examine_for(&CheckId::FITS_REQUEST),
        None => {}
    }
    if !expect.readings.is_empty() {
        covers.iter().filter(observes).for_each(|cover| findings.examine_named(&cover.clause));
    }
    expect.deviates.iter().for_each(|(_, clause)| findings.examine_named(clause));
    if response.accepted() && expect.status.iter().any(|status| accepted.status.contains(status)) {
        findings.examine_named(&accepted.clause);
    }
}

/// Reports an error code that is documented for the status but isn't one of those that the case allows.
pub fn report_code(
    expect: &Expect,
    covers: &[Cover],
    contract: &Contract,
    response: &Response,
    findings: &mut Findings<'_>,
) {
    if expect.code.is_empty() || response.accepted() {
        return;
    }
    let catalogue = contract.catalogue();
    let Some(code) = response.json().ok().and_then(|body| catalogue.code_in(body)) else { return };
    // Where a code comes with a status that isn't its own, or is none of those that are documented, a general check says so.
    let is_told = |check: &CheckId| contract.check_clause(check.as_str()).is_some();
    let is_general = match catalogue.status_of(&code) {
        Some(status) => status != response.status && is_told(&error_code_status::CHECK.id),
        None => is_told(&error_code_known::CHECK.id),
    };
    if is_general && expect.shape != Shape::Free {
        return;
    }
    let clause = expect.code_clause.as_deref().or_else(|| judged(covers, contract).map(|cover| cover.clause.as_str()));
    let Some(clause) = clause else { return };
    findings.examine_named(clause);
    if !expect.code.iter().any(|allowed| *allowed == code) {
        let place = Place::Body(catalogue.pointer().to_owned());
        findings.break_clause(clause, CheckId::EXPECT, place, expect.code.clone(), code);
    }
}

/// Reports that a refusal has no code where one was expected, unless that is told already. It counts only where the answer
/// can't come from a layer in front.
pub fn report_missing_code(
    expect: &Expect,
    covers: &[Cover],
    contract: &Contract,
    response: &Response,
    findings: &mut Findings<'_>,
) {
    if expect.code.is_empty() || response.accepted() || expect.shape != Shape::Must {
        return;
    }
    let catalogue = contract.catalogue();
    let observed = match response.json() {
        Ok(body) if catalogue.code_in(body).is_some() => return,
        Ok(_) => "nothing there",
        Err(defect) if defect.is_limit => return,
        Err(_) => "no JSON",
    };
    let place = Place::Body(catalogue.pointer().to_owned());
    let clause = expect.code_clause.as_deref().or_else(|| judged(covers, contract).map(|cover| cover.clause.as_str()));
    if let Some(clause) = clause.filter(|_| !findings.tell_of(&place)) {
        findings.examine_named(clause);
        findings.break_clause(clause, CheckId::EXPECT, place, expect.code.clone(), observed);
    }
}

/// Reports repeats whose statuses are not as often there as they should.
pub fn report_counts(
    counts: &Counts,
    expect: &Expect,
    covers: &[Cover],
    accepted: &Accepted,
    contract: &Contract,
    exchanges: &[Arc<Exchange>],
    findings: &mut Findings<'_>,
) {
    // Another 2xx than the documented ones is accepted all the same, and a finding of its own.
    let usual = accepted.status.first().copied();
    let status = |response: &Response| match usual {
        Some(usual) if response.accepted() && !accepted.status.contains(&response.status) => usual,
        _ => response.status,
    };
    let statuses: Vec<u16> = exchanges.iter().filter_map(|exchange| exchange.answer.response()).map(status).collect();
    if statuses.len() < exchanges.len() {
        return; // an answer that never came is a finding of its own
    }
    let Some(cover) = judged(covers, contract) else { return };
    findings.examine_named(&cover.clause);
    expect.deviates.iter().for_each(|(_, clause)| findings.examine_named(clause));
    findings.examine_for(&CheckId::FITS_REQUEST);
    for (status, clause) in expect.deviates.iter().filter(|(status, _)| statuses.contains(status)) {
        let rest = counts.rest.iter().map(u16::to_string).collect();
        findings.add(FindingKind::Deviation, clause, CheckId::COUNTS, Place::Status, rest, status.to_string());
    }
    let times = |status: u16| statuses.iter().filter(|observed| **observed == status).count();
    let exact = counts.exact.iter().all(|(status, count)| times(*status) == *count as usize);
    let known = |status: &u16| {
        counts.rest.contains(status)
            || counts.exact.iter().any(|(exact, _)| exact == status)
            || expect.deviates.iter().any(|(tolerated, _)| tolerated == status)
    };
    let strange: Vec<&u16> = statuses.iter().filter(|status| !known(status)).collect();
    if exact && strange.is_empty() {
        return;
    }
    let mut expected: Vec<String> = counts.exact.iter().map(|(status, count)| format!("{count} × {status}")).collect();
    if !counts.rest.is_empty() {
        let rest: Vec<String> = counts.rest.iter().map(u16::to_string).collect();
        expected.push(format!("the rest {}", rest.join(" or ")));
    }
    let mut seen: Vec<u16> = statuses.clone();
    seen.sort_unstable();
    seen.dedup();
    let observed: Vec<String> = seen.iter().map(|status| format!("{} × {status}", times(*status))).collect();
    let (expected, observed) = (vec![expected.join(", ")], observed.join(", "));
    if exact {
        findings.broken(CheckId::FITS_REQUEST, Place::Status, expected, observed);
    } else {
        findings.break_clause(&cover.clause, CheckId::COUNTS, Place::Status, expected, observed);
    }
}

fn wanted(expect: &Expect) -> Vec<String> {
    expect
        .status
        .iter()
        .chain(expect.readings.iter().flat_map(|reading| reading.status.iter()))
        .map(u16::to_string)
        .collect()
}

#[cfg(test)]
mod tests;
