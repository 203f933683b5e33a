//! The words for what became of a case, a clause and a run. `Display` has each as reports spell it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr, VariantArray};

/// What became of one case, worst first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[derive(Display, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Outcome {
    /// The harness or the environment failed; every case starts as this and has to earn anything else.
    #[default]
    Error,
    /// A must clause is broken.
    Violates,
    /// Its control or its set-up failed, so nothing was learnt.
    Inconclusive,
    /// It needs something that was not provided.
    Skipped,
    /// A should clause is broken.
    Deviates,
    /// The documentation is ambiguous here; a reading was recorded.
    Observed,
    /// What the documentation says holds.
    Conforms,
}

impl Outcome {
    /// Whether the case came to a conclusion, whichever.
    pub fn is_conclusive(self) -> bool {
        !matches!(self, Self::Error | Self::Inconclusive | Self::Skipped)
    }
}

/// What a run found out about one clause, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[derive(Display, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum ClauseOutcome {
    /// Broken, and it is a must.
    Violated,
    /// Broken, and it is a should, or done in a tolerated but undocumented way.
    Deviated,
    /// A case that was to prove it stayed inconclusive or failed.
    Undetermined,
    /// Not all of its sides were tried; of an ambiguous one, no reading was recorded.
    Untested,
    /// Ambiguous: readings were recorded.
    Observed,
    /// Every side of it was tried and held.
    Proven,
}

/// The verdict on a run.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Display, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Verdict {
    /// No must clause is broken, and none stayed open.
    Conformant,
    /// As conformant, but a should clause is broken.
    #[strum(serialize = "conformant with deviations")]
    ConformantWithDeviations,
    /// At least one must clause is broken.
    NonConformant,
    /// Not enough could be found out.
    #[default]
    Undetermined,
}

impl Verdict {
    /// The verdict on several suites: what is broken first, then what stayed open, then what deviates.
    pub fn worst(verdicts: impl IntoIterator<Item = Self>) -> Self {
        let order = |verdict: &Self| match verdict {
            Self::NonConformant => 0,
            Self::Undetermined => 1,
            Self::ConformantWithDeviations => 2,
            Self::Conformant => 3,
        };
        verdicts.into_iter().min_by_key(order).unwrap_or_default()
    }
}

/// What a pipeline is told, waivers taken into account. The verdict is about the target and knows nothing of waivers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Display, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Gate {
    /// None of the reasons to fail or to be undetermined.
    Passed,
    /// Something is broken that isn't waived, a waiver is expired or stale, a case is flaky, or a snapshot is changed or
    /// missing.
    Failed,
    /// Not enough could be found out.
    #[default]
    Undetermined,
}

impl Gate {
    /// What a pipeline is told of several suites: what fails first, then what stayed open.
    pub fn worst(gates: impl IntoIterator<Item = Self>) -> Self {
        let order = |gate: &Self| match gate {
            Self::Failed => 0,
            Self::Undetermined => 1,
            Self::Passed => 2,
        };
        gates.into_iter().min_by_key(order).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_suites_are_as_good_as_the_worst_of_them_and_none_at_all_is_open() {
        use Verdict::{Conformant, ConformantWithDeviations, NonConformant, Undetermined};
        for (verdicts, worst) in [
            (vec![Conformant, Undetermined, NonConformant], NonConformant),
            (vec![Undetermined, ConformantWithDeviations], Undetermined),
            (vec![ConformantWithDeviations, Conformant], ConformantWithDeviations),
            (vec![Conformant, Conformant], Conformant),
            (vec![], Undetermined),
        ] {
            assert_eq!(Verdict::worst(verdicts), worst);
        }
        assert_eq!(Gate::worst([Gate::Passed, Gate::Undetermined, Gate::Failed]), Gate::Failed);
        assert_eq!(Gate::worst([Gate::Passed, Gate::Undetermined]), Gate::Undetermined);
        assert_eq!(Gate::worst([Gate::Passed, Gate::Passed]), Gate::Passed);
        assert_eq!(Gate::worst([]), Gate::Undetermined);
    }
}
