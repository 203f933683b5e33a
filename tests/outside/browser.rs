//! A headless Chromium, driven as a person would: it looks, clicks and types.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities as _;
use thirtyfour::error::WebDriverError;
use thirtyfour::{By, DesiredCapabilities, Key, LoggingPrefsLogLevel, WebDriver};
use tokio::runtime::Runtime;

use crate::tools::Tool;

/// Nothing that isn't asked for goes out, and nothing of this machine's own browser is used.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// How long a step may take: a machine that is busy with other things must not fail a test.
const PATIENCE: Duration = Duration::from_secs(600);

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// What it is called in file names.
    pub name: &'static str,
    /// Its width in CSS pixels.
    pub width: u32,
    /// Whether the person prefers dark pages.
    pub dark: bool,
}

pub const DESKTOP: View = View { name: "desktop", width: 1280, dark: false };
pub const VIEWS: [View; 4] = [
    DESKTOP,
    View { name: "desktop-dark", dark: true, ..DESKTOP },
    View { name: "narrow", width: 360, dark: false },
    View { name: "narrow-dark", width: 360, dark: true },
];

/// A browser of its own; it ends when dropped.
pub struct Browser {
    runtime: Runtime,
    driver: WebDriver,
    child: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts one with a new, empty profile and opens the page.
    pub fn open(page: &Path, view: View) -> Self {
        let mut child = Command::new(Tool::ChromeDriver.path())
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port =
            lines.find_map(|line| line.unwrap().split_once("successfully on port ").map(|(_, port)| port.to_owned()));
        let url = format!("http://127.0.0.1:{}", port.expect("the driver says its port").trim_end_matches('.'));
        let profile = tempfile::tempdir().unwrap();
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary(&Tool::Chromium.path().display().to_string()).unwrap();
        for argument in ARGUMENTS {
            wanted.add_arg(argument).unwrap();
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display())).unwrap();
        for log in ["browser", "performance"] {
            wanted.set_logging_prefs(log, LoggingPrefsLogLevel::All).unwrap();
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connect = async {
            let driver = WebDriver::builder(url, wanted).request_timeout(PATIENCE).connect().await?;
            driver.set_script_timeout(PATIENCE).await?;
            driver.set_page_load_timeout(PATIENCE).await?;
            Ok::<_, WebDriverError>(driver)
        };
        let driver = match runtime.block_on(connect) {
            Ok(driver) => driver,
            Err(error) => {
                let _ = child.kill();
                panic!("{error}");
            }
        };
        let browser = Self { runtime, driver, child, _profile: profile };
        browser.look(view);
        browser.goto(page);
        browser
    }

    /// Opens a page of this machine.
    pub fn goto(&self, page: &Path) {
        self.runtime.block_on(self.driver.goto(format!("file://{}", page.display()))).unwrap();
    }

    /// Looks at the page in this way.
    pub fn look(&self, view: View) {
        let size = json!({ "width": view.width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size);
        let scheme = if view.dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// What a script, the body of a function, gives back.
    pub fn script(&self, body: &str) -> Value {
        self.runtime.block_on(self.driver.execute(body, Vec::new())).unwrap().json().clone()
    }

    /// The text of a script's result.
    pub fn text(&self, body: &str) -> String {
        self.script(body).as_str().unwrap_or_else(|| panic!("{body} gives no text")).to_owned()
    }

    /// Clicks the middle of an element.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        let click = async { self.driver.find(By::Css(selector)).await?.click().await };
        self.runtime.block_on(click).unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Presses keys, one after the other.
    pub fn press(&self, keys: &[Key]) {
        let mut chain = self.driver.action_chain();
        for key in keys {
            chain = chain.key_down(key.clone()).key_up(key.clone());
        }
        self.runtime.block_on(chain.perform()).unwrap();
    }

    /// The addresses of all requests since the last call, but for those that the page's own policy held back.
    pub fn requests(&self) -> Vec<String> {
        let mut sent = BTreeMap::new();
        for text in self.log("performance") {
            let event = serde_json::from_str::<Value>(&text).unwrap()["message"].take();
            let parameters = &event["params"];
            let id = parameters["requestId"].as_str().unwrap_or_default().to_owned();
            if event["method"] == "Network.requestWillBeSent" {
                sent.insert(id, parameters["request"]["url"].as_str().unwrap().to_owned());
            } else if event["method"] == "Network.loadingFailed" && parameters["blockedReason"] == "csp" {
                sent.remove(&id);
            }
        }
        sent.into_values().collect()
    }

    /// What the browser has complained about since the last call.
    pub fn complaints(&self) -> Vec<String> {
        self.log("browser")
    }

    fn log(&self, name: &str) -> Vec<String> {
        let entries = self.runtime.block_on(self.driver.get_log(name)).unwrap();
        entries.into_iter().map(|entry| entry.message).collect()
    }

    /// Keeps a picture of the whole page, or as much of it as fits a picture, in the build folder, for people to look at.
    pub fn picture(&self, name: &str) {
        let size = self.script("return [innerWidth, document.documentElement.scrollHeight]");
        let clip =
            json!({ "x": 0, "y": 0, "width": size[0], "height": size[1].as_u64().unwrap().min(6_000), "scale": 1 });
        let wanted = json!({ "captureBeyondViewport": true, "clip": clip });
        let picture = self.devtools("Page.captureScreenshot", wanted);
        let data = picture["data"].as_str().unwrap();
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    fn devtools(&self, method: &str, parameters: Value) -> Value {
        self.runtime.block_on(self.driver.cdp().send_raw(method, parameters)).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser; ended first, it would leave it behind.
        let _ = self.runtime.block_on(self.driver.clone().quit());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
