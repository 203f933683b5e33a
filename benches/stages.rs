//! What each stage of a run takes: `cargo bench --bench stages`.
//!
//! The shipped suite is what is loaded, rendered and judged; the answers and the events are those of the embedded reference.

#![allow(clippy::unwrap_used, reason = "a bench may")]

use std::sync::{Arc, LazyLock};

use conformant::check::{self, Findings, Subject};
use conformant::http::{Client, ClientOptions, Exchange};
use conformant::reference;
use conformant::report::{FORMATS, Renderer, Summary, TerminalOptions, terminal};
use conformant::run::{Filters, Options, Plan, Stop, run, test_cases};
use conformant::secret::Secrets;
use conformant::shipped;
use conformant::suite::{Bindings, Override, Package, Scope, Shape, SuiteFiles, render_request};
use conformant::verdict::MaskedEvent;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

const ROWS: usize = 10_000;
const FILES: usize = 10;

fn main() {
    divan::main();
}

/// A run of the shipped suite against the reference: what every stage works on.
struct Sample {
    plan: Plan,
    bindings: Bindings,
    secrets: Arc<Secrets>,
    exchange: Exchange,
    /// With every exchange.
    events: Vec<MaskedEvent>,
}

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    let package = Package::load(&shipped::files(), &check::ids()).unwrap();
    let given = package.suite.reference.clone();
    let plan =
        Plan { suite: Arc::new(package.suite), contract: Arc::new(package.contract), filters: Filters::default() };
    let mut secrets = Secrets::new();
    for (name, value) in &given.secrets {
        secrets.register(name, value.clone()).unwrap();
    }
    let secrets = Arc::new(secrets);
    let bindings = Bindings::new(&plan.suite, &given, 1).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let server = reference::start(reference::Options::default()).await.unwrap();
        let base_url = format!("http://{}", server.address());
        let client = Client::new(ClientOptions::default()).unwrap();
        let scope = Scope::new(&bindings, 1, "sample");
        let request =
            render_request(&plan.suite.operations.first().request, &Override::default(), &scope, &base_url).unwrap();
        let exchange = client.send(Arc::new(request)).await;
        let mut options = Options::new(base_url, bindings.clone(), Arc::clone(&secrets), client, 1);
        options.record_all = true;
        let mut events = Vec::new();
        let take = |event: &MaskedEvent| {
            events.push(event.clone());
            Ok(())
        };
        run(plan.clone(), options, Stop::new(), take).await.unwrap();
        Sample { plan, bindings, secrets, exchange, events }
    })
});

/// The shipped suite's request with so many rows in ten files, since what one file may hold is bounded.
fn files_with_rows() -> SuiteFiles {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/connections");
    let read = |name: &str| (name.to_owned(), std::fs::read_to_string(format!("{folder}/{name}")).unwrap());
    let rows = |file: usize| {
        let row = |number| format!("      - {{ id: row-{number}, n: {number} }}\n");
        let head = "title: Rows\ncases:\n  - id: row\n    title: row {{ n }}\n    covers: { status.success: hold }\n    each:\n";
        let rows: String = (0..ROWS / FILES).map(row).collect();
        (
            format!("rows-{file}.yaml"),
            format!("{head}{rows}    headers: {{ X-Row: \"{{{{ n }}}}\" }}\n    expect: 200\n"),
        )
    };
    let files: Vec<_> = [read("contract.yaml"), read("suite.yaml")].into_iter().chain((0..FILES).map(rows)).collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    SuiteFiles::embedded("cases/connections", &files)
}

#[divan::bench]
fn load_the_shipped_suite(bencher: Bencher) {
    let files = shipped::files();
    bencher.bench(|| Package::load(black_box(&files), &check::ids()).unwrap());
}

#[divan::bench(sample_count = 10)]
fn load_rows(bencher: Bencher) {
    let files = files_with_rows();
    bencher.counter(ItemsCount::new(ROWS)).bench(|| Package::load(black_box(&files), &check::ids()).unwrap());
}

#[divan::bench(sample_count = 20)]
fn expand_rows(bencher: Bencher) {
    let suite = Package::load(&files_with_rows(), &check::ids()).unwrap().suite;
    let filters = Filters::default();
    bencher.counter(ItemsCount::new(ROWS)).bench(|| test_cases(&suite, &filters).map(black_box).count());
}

#[divan::bench]
fn render_a_request(bencher: Bencher) {
    let Sample { plan, bindings, .. } = &*SAMPLE;
    bencher.bench(|| {
        let scope = Scope::new(bindings, 1, black_box("suite/file/case[row]"));
        render_request(&plan.suite.operations.first().request, &Override::default(), &scope, "http://127.0.0.1:1")
            .unwrap()
    });
}

#[divan::bench]
fn judge_an_answer(bencher: Bencher) {
    let Sample { plan, secrets, exchange, .. } = &*SAMPLE;
    let contract = &*plan.contract;
    let operation = &plan.suite.operations.first().documented;
    bencher.with_inputs(|| exchange.clone()).bench_refs(|exchange| {
        let subject =
            Subject { contract, operation, exchange, declared: &[], covers: &[], shape: Shape::Must, secrets };
        let mut findings = Findings::new(contract, 0);
        check::run_all(&subject, &mut findings).unwrap();
        findings.into_list()
    });
}

#[divan::bench]
fn mask_every_event(bencher: Bencher) {
    let Sample { events, secrets, .. } = &*SAMPLE;
    let masked = |event: MaskedEvent| MaskedEvent::of(event.into_inner(), secrets);
    bencher
        .counter(ItemsCount::new(events.len()))
        .with_inputs(|| events.clone())
        .bench_values(|events| events.into_iter().map(masked).collect::<Vec<_>>());
}

#[divan::bench(args = FORMATS.iter().map(|format| format.name))]
fn report(bencher: Bencher, name: &str) {
    let format = FORMATS.iter().find(|format| format.name == name).unwrap();
    write_with(bencher, || (format.renderer)());
}

#[divan::bench]
fn report_to_the_terminal(bencher: Bencher) {
    write_with(bencher, || terminal(TerminalOptions::default()));
}

fn write_with(bencher: Bencher, renderer: impl Fn() -> Box<dyn Renderer> + Sync) {
    let events = &SAMPLE.events;
    bencher.counter(ItemsCount::new(events.len())).bench(|| {
        let (mut renderer, mut summary, mut out) = (renderer(), Summary::default(), Vec::new());
        for event in events {
            summary.take(event);
            renderer.event(event, &summary, &mut out).unwrap();
        }
        out
    });
}
