//! The verdicts as a user gets them: the binary against servers that are right in another way than the embedded one,
//! against servers that are wrong in ways of their own, and against servers that answer nothing in particular.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::{Arc, LazyLock};

use crate::support::binary::conformant;
use crate::support::other::Other;
use crate::support::run::{Process, Run, judge, judge_with, run};
use crate::support::server::Server;
use crate::support::wrong;
use serde_json::Value;

/// A run against the second implementation as it should be, with many cases at once.
static RIGHT: LazyLock<Run> = LazyLock::new(|| judge_with(&wrong::right().url(), &["--jobs", "64"]));

/// A wrong server is non-conformant, the first thing said about it is one of these clauses, and none is violated in
/// more cases than one of these. (That a case about something else got a status which doesn't fit its request is said
/// of `status.fits-request`, and isn't counted.)
#[track_caller]
fn assert_caught(server: &Server, clauses: &[&str]) -> Run {
    let run = judge(&server.url());
    let violated = run.violated();
    assert_eq!((run.exit, run.verdict()), (1, "non-conformant"), "{}", run.gist());
    let said = run.first_violated().unwrap_or_default();
    assert!(clauses.contains(&said), "{said} is said first\n{}", run.gist());
    let most = violated.iter().find(|(clause, _)| *clause != "status.fits-request" || clauses.contains(clause));
    assert!(most.is_some_and(|(clause, _)| clauses.contains(clause)), "{}", run.gist());
    run
}

/// As [`assert_caught`], and nothing else is said of the server.
#[track_caller]
fn assert_caught_alone(server: &Server, clauses: &[&str]) {
    let run = assert_caught(server, clauses);
    let accounted = |clause: &str| clauses.contains(&clause) || clause == "status.fits-request";
    let others: Vec<_> = run.violated().into_iter().filter(|(clause, _)| !accounted(clause)).collect();
    assert!(others.is_empty(), "{}", run.gist());
}

/// A server that answers everything alike gets this exit code, few words, and among them these.
#[track_caller]
fn assert_uniform(server: &Server, exit: i32, sentence: &str) {
    let run = judge_with(&server.url(), &["--deadline", "1"]);
    let shown = &run.terminal;
    assert_eq!(run.exit, exit, "{:?}\n{shown}", run.verdict());
    assert!(run.blocks() <= 3, "{} blocks\n{shown}", run.blocks());
    assert!(shown.contains(sentence), "{sentence:?} is not said\n{shown}");
}

/// The embedded reference implementation, served as a user serves it.
fn reference(arguments: &[&str]) -> (Process, String) {
    let child = conformant().arg("serve").args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut process = Process(child);
    let mut line = String::new();
    BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    (process, url)
}

/// What the reference server is run with as a target of its own.
const REFERENCE_INPUTS: [&str; 6] = [
    "--secret",
    "token=good-token",
    "--secret",
    "limited_token=limited-token",
    "--variable",
    "other_project_id=project-b",
];

mod right {
    use super::*;

    #[test]
    fn a_correct_server_that_differs_in_all_that_is_left_open_is_conformant() {
        let run = &*RIGHT;
        assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
        assert!(run.footer().get("left_behind").is_none(), "{}", run.terminal);
    }

    #[test]
    fn two_runs_against_a_server_that_remembers_both_pass_and_leave_nothing_behind() {
        let other = Arc::new(Other::default());
        let desk = Arc::clone(&other);
        let server = Server::start(move |request| desk.answer(request));
        for _ in 0..2 {
            let run = judge(&server.url());
            assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
            assert_eq!(other.left(), 0, "{}", run.terminal);
        }
    }

    /// What the reference server takes for the ids of things that exist.
    const REAL_IDS: [&str; 4] = [
        "--variable",
        "vpc_id=7a6cf6d1-3f1c-4b55-9a37-5d9c0f2b8e41",
        "--variable",
        "subnet_id=c2f0a8be-51d4-4f0e-8f1b-0e6a7d3b9c52",
    ];

    fn judge_variant(id: &str, more: &[&str]) -> Run {
        let (_process, url) = reference(&["--variant", id]);
        run(&[&["--target", &url], REFERENCE_INPUTS.as_slice(), &REAL_IDS, more].concat())
    }

    #[test]
    fn a_server_that_looks_ids_up_is_conformant_and_what_could_not_be_tested_is_told_with_its_reason() {
        for id in ["ids-looked-up-400", "ids-looked-up-404", "ids-must-be-uuid"] {
            let run = judge_variant(id, &[]);
            assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{id}: {}", run.gist());
            assert!(run.cases("skipped").count() >= 20, "{id}: {}", run.terminal);
            let why = "accept not tested: the target takes no text but ids of its own for the VPC";
            assert!(run.terminal.contains(&format!("vpc_id.max-length: {why}")), "{id}: {}", run.terminal);
        }
    }

    #[test]
    fn a_server_with_a_quota_and_a_rate_is_conformant_for_a_run_that_keeps_to_them() {
        let cases =
            ["concurrency/distinct-names[1]", "uniqueness/taken-among-many", "ids/vpc_id-given", "name/missing"];
        let run = judge_variant("cloud", &[&["--retries", "3", "--rate", "15/s"], cases.as_slice()].concat());
        assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
        assert!(run.footer().get("left_behind").is_none(), "{}", run.terminal);
    }

    #[test]
    fn what_has_an_id_that_a_path_has_to_encode_is_removed() {
        let (server, other) = wrong::ids_to_encode();
        let run = judge_with(&server.url(), &["description", "uniqueness"]);
        assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
        assert_eq!(other.left(), 0, "{}", run.terminal);
    }

    #[test]
    fn a_server_without_reading_back_and_deleting_is_not_judged_for_it_and_what_stays_is_listed() {
        for status in [404, 405] {
            let run = judge_with(&wrong::without_helpers(status).url(), &["description", "name/", "uniqueness"]);
            assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
            let left = run.footer()["left_behind"].as_array().map_or(0, Vec::len);
            assert!(left > 10, "{left} are listed for {status}\n{}", run.terminal);
            assert!(run.terminal.contains("left behind"), "{}", run.terminal);
        }
    }
}

mod wrong_servers {
    use super::*;

    #[test]
    fn a_case_that_stays_inconclusive_shows_no_reading() {
        let server = wrong::tired_of_capitals();
        let run = judge_with(&server.url(), &["reserved/another-case", "success/name-case"]);
        let inconclusive: Vec<&Value> = run.cases("inconclusive").collect();
        assert!(inconclusive.len() >= 2, "{}", run.gist());
        assert!(
            inconclusive.iter().all(|case| case["findings"].as_array().is_none_or(Vec::is_empty)),
            "{inconclusive:?}"
        );
    }

    #[test]
    fn one_that_takes_whatever_is_json_is_caught() {
        let run = assert_caught(&wrong::naive(), &["body.object", "name.characters", "token.valid"]);
        let violated: Vec<&str> = run.violated().into_iter().map(|(clause, _)| clause).collect();
        for clause in ["token.mandatory", "name.mandatory", "name.unique", "vpc_id.type", "response.media-type"] {
            assert_eq!(violated.contains(&clause), clause != "response.media-type", "{clause}: {violated:?}");
        }
    }

    #[test]
    fn one_that_speaks_xml_is_caught_by_its_media_type() {
        assert_caught(&wrong::xml(), &["response.media-type"]);
    }

    #[test]
    fn one_whose_pattern_for_names_has_no_end_is_caught() {
        assert_caught_alone(&wrong::unanchored_names(), &["name.characters"]);
    }

    #[test]
    fn one_that_refuses_names_with_a_z_is_caught_for_the_characters_of_names_whatever_is_drawn() {
        for seed in 1..=30 {
            // Of all cases, those about names and about something else; of a few seeds, all.
            let cases: &[&str] = if seed % 10 == 0 { &[] } else { &["/name/", "/description/", "/uniqueness/"] };
            let seed = format!("{seed:x}");
            let run = judge_with(&wrong::without_z().url(), &[&["--seed", seed.as_str()], cases].concat());
            assert_eq!((run.exit, run.first_violated()), (1, Some("name.characters")), "{}", run.gist());
            let violated = run.violated();
            assert_eq!(violated[0].0, "name.characters", "{}", run.gist());
            assert!(violated.iter().all(|(clause, _)| *clause != "answer.steady"), "{}", run.gist());
        }
    }

    #[test]
    fn one_that_tidies_names_up_is_caught() {
        let clauses = ["name.characters", "name.first-character", "name.unique", "response.name-echo"];
        assert_caught(&wrong::tidying(), &clauses);
    }

    #[test]
    fn one_that_has_one_list_of_names_for_all_tenants_is_caught() {
        assert_caught_alone(&wrong::one_list_of_names(), &["name.unique-per-tenant"]);
    }

    #[test]
    fn one_that_takes_names_a_moment_after_the_check_is_caught() {
        assert_caught_alone(&wrong::racing(), &["name.unique-concurrently"]);
    }

    #[test]
    fn one_that_takes_the_names_of_requests_that_it_refuses_is_caught() {
        assert_caught_alone(&wrong::hasty(), &["refusal.no-effect"]);
    }

    #[test]
    fn one_that_knows_tokens_by_their_beginning_is_caught() {
        assert_caught_alone(&wrong::token_by_prefix(), &["token.valid"]);
    }

    #[test]
    fn one_that_asks_for_no_permission_is_caught() {
        assert_caught_alone(&wrong::no_permissions(), &["token.permission"]);
    }

    #[test]
    fn one_whose_ids_repeat_is_caught() {
        assert_caught_alone(&wrong::repeating_ids(), &["response.id-distinct"]);
    }

    #[test]
    fn one_that_fails_on_every_thirteenth_request_is_caught() {
        assert_caught(&wrong::losing(), &["status.no-server-error", "answer.steady"]);
    }

    #[test]
    fn one_that_refuses_in_plain_text_is_caught() {
        assert_caught(&wrong::errors_in_text(), &["response.media-type"]);
    }

    #[test]
    fn one_that_tells_errors_with_200_is_caught_for_that_and_not_said_to_accept_everything() {
        let run = assert_caught(&wrong::errors_with_200(), &["response.not-error"]);
        assert!(!run.terminal.contains("accepts everything"), "{}", run.terminal);
        assert!(run.violated().iter().all(|(clause, _)| !clause.starts_with("name.")), "{}", run.gist());
    }

    #[test]
    fn one_that_reads_the_token_in_one_spelling_alone_is_caught_for_that_alone() {
        for name in ["x-auth-token", "X-Auth-Token"] {
            assert_caught_alone(&wrong::spelt(name), &["token.header-name"]);
        }
    }

    #[test]
    fn one_that_reads_the_media_type_in_one_spelling_alone_is_not_blamed_for_the_token() {
        for name in ["content-type", "Content-Type"] {
            let run = judge(&wrong::spelt(name).url());
            assert!(run.violated().iter().all(|(clause, _)| *clause != "token.header-name"), "{}", run.gist());
        }
    }

    #[test]
    fn one_that_answers_a_creation_with_201_is_caught() {
        assert_caught(&wrong::created_201(), &["status.success", "status.documented"]);
    }

    #[test]
    fn one_that_states_lengths_which_it_does_not_keep_is_caught() {
        assert_caught_alone(&wrong::too_long_a_length(), &["transport.answer"]);
    }

    #[test]
    fn one_that_tells_tokens_back_is_caught_and_no_report_shows_them() {
        let run = assert_caught(&wrong::leaking(), &["secret.no-echo"]);
        let report = Value::from(run.events.clone()).to_string();
        for text in [&run.terminal, &run.trouble, &report] {
            assert!(!text.contains(crate::support::other::TOKEN), "the token is shown: {text}");
        }
    }

    #[test]
    fn one_that_answers_with_an_old_refusal_is_caught() {
        let run = assert_caught(&wrong::stale(), &["answer.independent", "answer.steady"]);
        assert!(run.violated().iter().any(|(clause, _)| *clause == "answer.independent"), "{:?}", run.violated());
    }

    #[test]
    fn one_whose_clock_is_not_utc_is_caught() {
        assert_caught_alone(&wrong::another_clock(), &["response.time-utc"]);
    }

    #[test]
    fn one_that_takes_numbers_for_text_is_caught() {
        let types = ["name.type", "description.type", "vpc_id.type", "subnet_id.type"];
        assert_caught(&wrong::lenient_types(), &types);
    }
}

mod uniform_servers {
    use super::*;

    #[test]
    fn one_that_answers_400_to_everything_leaves_the_verdict_open() {
        assert_uniform(&wrong::always(400), 3, "the control was refused: the unmodified valid request got 400");
    }

    #[test]
    fn one_that_answers_401_to_everything_leaves_the_verdict_open_and_the_token_is_asked_about() {
        assert_uniform(&wrong::always(401), 3, "got 401; is the token right");
    }

    #[test]
    fn one_that_answers_403_or_404_to_everything_leaves_the_verdict_open() {
        assert_uniform(&wrong::always(403), 3, "got 403; is the token right, and may it do this?");
        assert_uniform(&wrong::always(404), 3, "got 404; is the target's URL right?");
    }

    #[test]
    fn one_that_answers_500_to_everything_is_non_conformant() {
        assert_uniform(&wrong::always(500), 1, "the control was refused: the unmodified valid request got 500");
    }

    #[test]
    fn one_that_answers_the_same_200_to_everything_is_non_conformant() {
        assert_uniform(&wrong::always(200), 1, "the target accepts everything");
    }

    #[test]
    fn one_that_answers_an_empty_200_to_everything_is_non_conformant() {
        assert_uniform(&wrong::always_empty(), 1, "the target accepts everything");
    }

    #[test]
    fn one_that_sends_back_what_it_gets_is_non_conformant() {
        assert_uniform(&wrong::mirror(), 1, "the target accepts everything");
    }

    #[test]
    fn one_that_never_answers_is_non_conformant_and_waited_for_once() {
        assert_uniform(&wrong::silent(), 1, "the control got no usable answer: no complete answer within the deadline");
    }

    #[test]
    fn one_that_closes_every_connection_is_non_conformant() {
        assert_uniform(
            &wrong::closing(),
            1,
            "the control got no usable answer: the connection closed without an answer",
        );
    }
}

mod trouble {
    use super::*;

    #[test]
    fn a_port_where_nobody_listens_is_one_clear_error_and_no_verdict() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let run = judge(&url);
        assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.terminal);
        assert!(run.blocks() <= 1, "{}", run.terminal);
        assert!(run.terminal.contains("the target can't be reached"), "{}", run.terminal);
    }

    #[test]
    fn one_that_is_silent_from_the_first_probe_on_is_waited_for_once() {
        // The control, one without a token, and the removal of what the control made come before.
        let run = judge_with(&wrong::freezing(4).url(), &["--deadline", "1"]);
        assert_eq!((run.exit, run.verdict()), (1, "non-conformant"), "{}", run.terminal);
        let asked: u64 = run.events.iter().filter_map(|event| event["requests"].as_u64()).sum();
        assert!(asked <= 12, "{asked} requests\n{}", run.terminal);
        assert!(run.terminal.contains("was not answered in time"), "{}", run.terminal);
    }

    #[test]
    fn a_server_that_dies_midway_is_never_conformant_nor_a_crowd_of_causes() {
        for at in [2, 40, 150] {
            let run = judge(&wrong::dying(at).url());
            assert!([1, 3].contains(&run.exit), "{at}: {:?}\n{}", run.exit, run.terminal);
            // Those in flight may be closed on, reset and refused; the rest is told of as one.
            assert!(run.blocks() <= 4, "{at}: {} blocks\n{}", run.blocks(), run.terminal);
            assert!(run.terminal.contains("the target can't be reached"), "{at}\n{}", run.terminal);
        }
    }

    #[test]
    fn a_server_that_stops_answering_ends_the_run_after_five_cases_and_the_rest_is_counted() {
        let run = judge_with(&wrong::freezing(200).url(), &["--deadline", "0.5", "--jobs", "1"]);
        assert_eq!((run.exit, run.verdict()), (1, "non-conformant"), "{}", run.gist());
        assert_eq!(run.cases("violates").count(), 5, "{}", run.gist());
        let stopped = |case: &&Value| case["reason"].as_str().is_some_and(|why| why.contains("stopped answering"));
        let rest = run.cases("inconclusive").filter(stopped).count();
        assert!(rest > 500, "{rest}");
        assert!(run.blocks() <= 3, "{} blocks\n{}", run.blocks(), run.terminal);
    }

    #[test]
    fn a_server_that_stops_answering_holds_up_each_of_many_jobs_once() {
        let run = judge_with(&wrong::freezing(20).url(), &["--deadline", "2"]);
        assert_eq!((run.exit, run.verdict()), (1, "non-conformant"), "{}", run.gist());
        assert!(run.violated().iter().all(|(clause, _)| *clause == "transport.answer"), "{}", run.gist());
        // Twenty requests, one of each job, and few of those that were quicker to begin their next case.
        let requests = run.footer()["requests"].as_u64().expect("a number");
        assert!(requests < 20 + 2 * 16, "{requests}: {}", run.gist());
        let stopped = run.footer()["interrupted"].as_str().expect("a reason");
        assert!(stopped.contains("5 cases in a row and for the control"), "{stopped}");
    }

    #[test]
    fn a_server_that_answers_the_valid_request_alone_ends_the_run_and_is_neither_green_nor_blamed_for_more() {
        let run = judge_with(&wrong::mute_but_for_the_control().url(), &["--deadline", "1"]);
        assert_eq!((run.exit, run.verdict()), (1, "non-conformant"), "{}", run.gist());
        assert!(run.violated().iter().all(|(clause, _)| *clause == "transport.answer"), "{}", run.gist());
        assert_eq!(run.cases("violates").filter(|case| case["id"] == "connections/control").count(), 0);
        assert!(run.cases("violates").count() <= 2 * 16, "{}", run.gist());
        let told = "the target answers little but the valid request: no complete answer within the deadline, ";
        let stopped = run.footer()["interrupted"].as_str().expect("a reason");
        assert!(stopped.starts_with(told), "{stopped}");
    }

    #[test]
    fn a_server_whose_answers_break_off_from_some_moment_on_ends_the_run_in_the_same_way() {
        let run = judge_with(&wrong::breaking_off(200).url(), &["--jobs", "1"]);
        assert_eq!((run.exit, run.verdict()), (1, "non-conformant"), "{}", run.gist());
        assert_eq!(run.violated(), [("transport.answer", 5)], "{}", run.gist());
        let told = "the target stopped answering: an answer that breaks off, 5 cases in a row and for the control";
        let rest = run.cases("inconclusive").filter(|case| case["reason"] == told).count();
        assert!(rest > 500, "{rest}");
        assert_eq!(run.footer()["reason"], Value::Null);
        assert!(run.blocks() <= 3, "{} blocks\n{}", run.blocks(), run.terminal);
    }

    #[test]
    fn a_server_whose_answers_are_useless_each_in_another_way_ends_the_run_in_the_same_way() {
        let run = judge_with(&wrong::babbling(200).url(), &["--jobs", "1"]);
        assert_eq!((run.exit, run.verdict()), (1, "non-conformant"), "{}", run.gist());
        assert_eq!(run.violated(), [("transport.answer", 5)], "{}", run.gist());
        let stopped = run.footer()["interrupted"].as_str().expect("a reason");
        assert!(stopped.contains("5 cases in a row and for the control"), "{stopped}");
    }

    #[test]
    fn a_server_that_answers_refused_requests_alone_ends_the_run_once_many_have_waited_in_vain() {
        let run = judge_with(&wrong::mute_where_it_accepts(30).url(), &["--deadline", "2", "--jobs", "64"]);
        assert_eq!((run.exit, run.verdict()), (1, "non-conformant"), "{}", run.gist());
        assert!(run.cases("violates").count() <= 32, "{}", run.gist());
        let stopped = run.footer()["interrupted"].as_str().expect("a reason");
        assert!(stopped.contains("within the deadline"), "{stopped}");
    }

    #[test]
    fn the_time_limit_ends_requests_that_are_under_way_and_blames_nobody_for_them() {
        let run = judge_with(&wrong::freezing(60).url(), &["--deadline", "300", "--max-time", "3"]);
        assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.gist());
        assert_eq!(run.violated(), [], "{}", run.gist());
        let told = "a request was under way when the run was stopped: the time limit of 3 s was reached";
        let is_told = |case: &&Value| case["reason"].as_str().is_some_and(|why| why.contains(told));
        assert!(run.cases("inconclusive").filter(is_told).count() > 0, "{}", run.gist());
    }

    #[test]
    fn a_quota_that_is_used_up_leaves_the_verdict_open_and_is_named() {
        let run = judge(&wrong::quota(20).url());
        assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.gist());
        assert!(run.terminal.contains("EG.00514003"), "{}", run.terminal);
        assert!(run.blocks() <= 3, "{} blocks\n{}", run.blocks(), run.terminal);
    }
}

mod reports {
    use super::*;

    /// The events without what differs between two runs by its nature: clocks, ports, and what the target made up.
    fn essence(run: &Run) -> Vec<Value> {
        let mut events = run.events.clone();
        for event in &mut events {
            let fields = event.as_object_mut().unwrap();
            for key in ["target", "started", "run", "elapsed_ms", "elapsed_s", "exchanges"] {
                fields.shift_remove(key);
            }
            // Which of several concurrent requests was first is the target's affair.
            for finding in fields.get_mut("findings").and_then(Value::as_array_mut).into_iter().flatten() {
                finding.as_object_mut().unwrap().shift_remove("exchange");
            }
        }
        events
    }

    fn same_with_any_number_of_jobs(serve: &[&str]) -> Run {
        let judged = |jobs: &str| {
            let (_process, url) = reference(serve);
            let rest = ["--target", &url, "--seed", "5eed", "--jobs", jobs];
            run(&[rest.as_slice(), &REFERENCE_INPUTS].concat())
        };
        let (one, many) = (judged("1"), judged("64"));
        assert_eq!(one.exit, many.exit, "{}\n{}", one.terminal, many.terminal);
        let (one_by_one, at_once) = (essence(&one), essence(&many));
        assert_eq!(one_by_one.len(), at_once.len());
        for (one, other) in one_by_one.iter().zip(&at_once) {
            assert_eq!(one, other);
        }
        one
    }

    #[test]
    fn one_job_and_sixty_four_give_the_same_report_of_a_correct_server() {
        let run = same_with_any_number_of_jobs(&[]);
        assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.terminal);
    }

    #[test]
    fn five_runs_with_sixteen_jobs_give_the_same_canonical_report_of_one_wrong_target() {
        let server = wrong::without_z();
        let folder = tempfile::tempdir().unwrap();
        let canonical = |number: usize| {
            let path = folder.path().join(number.to_string());
            let report = path.display().to_string();
            let run = judge_with(&server.url(), &["--seed", "5eed", "--jobs", "16", "--report-canonical", &report]);
            assert_eq!(run.exit, 1, "{}", run.gist());
            std::fs::read_to_string(path).unwrap()
        };
        let first = canonical(1);
        (2..=5).for_each(|number| assert_eq!(canonical(number), first));
    }

    #[test]
    fn cases_come_in_the_order_of_the_list_however_many_are_in_flight() {
        let output = conformant().arg("list").output().unwrap();
        let list = String::from_utf8(output.stdout).unwrap();
        let listed: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
        let ids: Vec<&str> = RIGHT
            .events
            .iter()
            .filter_map(|event| event["id"].as_str())
            .filter(|id| {
                !["control", "probe", "consistency"].iter().any(|own| id.starts_with(&format!("connections/{own}[")))
            })
            .collect();
        assert_eq!(ids, listed);
    }
}
