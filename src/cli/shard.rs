//! Which shard a run is, and of which run: from the arguments, or from what CI servers say in the environment.

use super::failure::Failure;
use super::options::value::{Mistake, Value};
use crate::text::printable;
use crate::verdict::Shard;

/// The longest run id, in characters.
const RUN_ID: usize = 128;

/// `--shard`, as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShardArg {
    /// `INDEX/COUNT`.
    Of(Shard),
    /// `auto`, or `auto/COUNT`: as the environment says.
    Auto(Option<u16>),
}

impl Value for ShardArg {
    fn parse(text: &str) -> Result<Self, Mistake> {
        let count = match text.strip_prefix("auto") {
            Some("") => return Ok(Self::Auto(None)),
            Some(rest) => rest.strip_prefix('/').and_then(|count| count.parse().ok()),
            None => {
                let shard = text.parse().map(Self::Of);
                return shard.map_err(|error| Mistake::of(text, format!("{error}; or auto, or auto/COUNT")));
            }
        };
        match count.filter(|count| Shard::new(1, *count).is_some()) {
            Some(count) => Ok(Self::Auto(Some(count))),
            None => Err(Mistake::of(text, format!("write auto/COUNT, at most {}", Shard::MOST))),
        }
    }
}

/// The shard that was asked for; `variable` reads the environment.
pub(super) fn shard(arg: ShardArg, variable: impl Fn(&str) -> Option<String>) -> Result<Shard, Failure> {
    let count = match arg {
        ShardArg::Of(shard) => return Ok(shard),
        ShardArg::Auto(count) => count,
    };
    let number = |name: &str| match variable(name).filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(value) => value.parse::<u16>().map(Some).map_err(|_| {
            Failure::usage(
                format!("--shard auto: {name} is no number: {}", printable(&value)),
                "write --shard INDEX/COUNT",
            )
        }),
    };
    let (index, total) = (number("CI_NODE_INDEX")?, number("CI_NODE_TOTAL")?);
    if let Some(total) = total {
        if let Some(count) = count.filter(|count| *count != total) {
            return Err(Failure::usage(
                format!("--shard auto/{count} is asked for, but CI_NODE_TOTAL is {total}"),
                "write --shard auto",
            ));
        }
        // GitLab says 1 in every job that isn't parallel, and gives no index there.
        let index = index.or_else(|| (total == 1).then_some(1));
        if let Some(index) = index {
            return of(index, total, "CI_NODE_INDEX/CI_NODE_TOTAL");
        }
    }
    match (number("JOB_COMPLETION_INDEX")?, count) {
        // Kubernetes counts from 0.
        (Some(index), Some(count)) => of(index.saturating_add(1), count, "JOB_COMPLETION_INDEX + 1"),
        (Some(_), None) => Err(Failure::usage(
            "--shard auto: JOB_COMPLETION_INDEX is set, but Kubernetes doesn't say of how many",
            "write --shard auto/COUNT, with the Job's `completions`",
        )),
        (None, _) => Err(Failure::usage(
            "--shard auto: the environment names no shard",
            "it is read from CI_NODE_INDEX and CI_NODE_TOTAL (GitLab), or JOB_COMPLETION_INDEX (Kubernetes); elsewhere write --shard INDEX/COUNT",
        )),
    }
}

fn of(index: u16, count: u16, source: &str) -> Result<Shard, Failure> {
    Shard::new(index, count).ok_or_else(|| {
        Failure::usage(
            format!("--shard auto: there is no shard {index}/{count} ({source})"),
            format!("the index is from 1 to the count, the count at most {}", Shard::MOST),
        )
    })
}

/// What all shards of this run have in common: as given, as the CI server says, or else random.
pub(super) fn run_id(given: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Result<String, Failure> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let github =
        || Some(format!("{}-{}", set("GITHUB_RUN_ID")?, set("GITHUB_RUN_ATTEMPT").unwrap_or_else(|| "1".into())));
    let id = given.map(str::to_owned).or_else(github).or_else(|| set("CI_PIPELINE_ID"));
    let id = id.unwrap_or_else(|| format!("{:016x}", fastrand::u64(..)));
    let plain = |c: char| c.is_ascii_graphic();
    if id.is_empty() || id.chars().count() > RUN_ID || !id.chars().all(plain) {
        return Err(Failure::usage(
            format!("the run id `{}` can't be used", printable(&id)),
            format!("it has 1 to {RUN_ID} visible ASCII characters and no spaces"),
        ));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(text: &str, set: &[(&str, &str)]) -> Result<String, String> {
        let arg = ShardArg::parse(text).map_err(|mistake| mistake.next)?;
        let variable = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        shard(arg, variable).map(|shard| shard.to_string()).map_err(|failure| failure.text().to_owned())
    }

    #[test]
    fn gitlab_counts_from_1_and_kubernetes_from_0() {
        assert_eq!(auto("auto", &[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")]).unwrap(), "2/5");
        assert_eq!(auto("auto/5", &[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")]).unwrap(), "2/5");
        assert_eq!(auto("auto", &[("CI_NODE_TOTAL", "1")]).unwrap(), "1/1");
        assert_eq!(auto("auto/5", &[("JOB_COMPLETION_INDEX", "0")]).unwrap(), "1/5");
        assert_eq!(auto("auto/5", &[("JOB_COMPLETION_INDEX", "4")]).unwrap(), "5/5");
        assert_eq!(auto("3/4", &[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")]).unwrap(), "3/4");
    }

    #[test]
    fn an_environment_that_names_no_shard_is_an_error_that_says_what_is_read() {
        let told: Vec<String> = [
            auto("auto", &[]),
            auto("auto", &[("JOB_COMPLETION_INDEX", "2")]),
            auto("auto/5", &[("JOB_COMPLETION_INDEX", "5")]),
            auto("auto/5", &[("JOB_COMPLETION_INDEX", "65535")]),
            auto("auto/4", &[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")]),
            auto("auto", &[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "5")]),
            auto("auto", &[("CI_NODE_INDEX", "\u{1b}[31m"), ("CI_NODE_TOTAL", "5")]),
            auto("auto/0", &[]),
            auto("0/5", &[]),
        ]
        .into_iter()
        .map(|result| result.unwrap_err().trim_end().to_owned())
        .collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn a_run_has_the_id_that_is_given_or_that_of_the_ci_server() {
        let id = |given: Option<&str>, set: &[(&str, &str)]| {
            run_id(given, |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
                .map_err(|failure| failure.text().to_owned())
        };
        let github = [("GITHUB_RUN_ID", "7"), ("GITHUB_RUN_ATTEMPT", "2")];
        assert_eq!(id(None, &github).unwrap(), "7-2");
        assert_eq!(id(None, &[("CI_PIPELINE_ID", "9")]).unwrap(), "9");
        assert_eq!(id(Some("mine"), &github).unwrap(), "mine");
        assert_ne!(id(None, &[]).unwrap(), id(None, &[]).unwrap());
        for wrong in ["", "a b", "a\u{1b}", &"x".repeat(129)] {
            assert!(id(Some(wrong), &[]).unwrap_err().contains("can't be used"), "{wrong}");
        }
    }
}
