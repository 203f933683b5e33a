//! TLS, client certificates, proxies and HTTP/2, against real sockets on the loopback interface.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};

use crate::support::binary::{Served, conformant, stderr, stdout};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

fn told(output: &Output) -> (Option<i32>, String, String) {
    (output.status.code(), stdout(output), stderr(output))
}

/// Runs the cases about one clause.
fn run(target: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let start = ["run", "--target", target, "--secret", "token=good-token", "--report-json", "-"];
    told(&conformant().args(start).args(arguments).arg("name.mandatory").output().unwrap())
}

impl Served {
    /// Where it listens, as a proxy or a TLS front dials it.
    fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }
}

/// An authority with a certificate for the loopback address and one for a client, as files.
pub struct Authority {
    folder: TempDir,
    certificate: CertificateDer<'static>,
    server: CertificateDer<'static>,
    server_key: PrivateKeyDer<'static>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let server_key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let server = server.signed_by(&server_key, &authority).unwrap();
        let client_key = KeyPair::generate().unwrap();
        let client = CertificateParams::new(vec!["client.example".to_owned()]).unwrap();
        let client = client.signed_by(&client_key, &authority).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
        write("ca.pem", authority.pem());
        write("client.pem", client.pem());
        write("client.key", client_key.serialize_pem());
        write("both.pem", client.pem() + &client_key.serialize_pem());
        Self {
            certificate: authority.der().clone(),
            server: server.der().clone(),
            server_key: PrivateKeyDer::try_from(server_key.serialize_der()).unwrap(),
            folder,
        }
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Terminates TLS as a server of this authority; with `client`, only for clients that show its certificate.
    pub fn acceptor(&self, client: bool, protocols: &[&str]) -> TlsAcceptor {
        let builder = ServerConfig::builder();
        let builder = if client {
            let mut roots = RootCertStore::empty();
            roots.add(self.certificate.clone()).unwrap();
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let mut config = builder.with_single_cert(vec![self.server.clone()], self.server_key.clone_key()).unwrap();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Takes connections on a free port until the runtime is dropped; gives back the port.
fn listen<F, T>(runtime: &Runtime, serve: F) -> u16
where
    F: Fn(TcpStream) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    port
}

/// The reference server behind TLS.
fn behind_tls(runtime: &Runtime, served: &Served, acceptor: TlsAcceptor) -> String {
    let address = served.address().to_owned();
    let port = listen(runtime, move |stream| {
        let (acceptor, address) = (acceptor.clone(), address.clone());
        async move {
            let Ok(mut tls) = acceptor.accept(stream).await else { return };
            let mut behind = TcpStream::connect(address).await.unwrap();
            let _ = copy_bidirectional(&mut tls, &mut behind).await;
        }
    });
    format!("https://127.0.0.1:{port}")
}

#[test]
fn a_certificate_of_an_authority_that_is_given_is_trusted() {
    let (runtime, served, authority) = (Runtime::new().unwrap(), Served::start(&[]), Authority::new());
    let target = behind_tls(&runtime, &served, authority.acceptor(false, &[]));
    let (code, stdout, stderr) = run(&target, &["--ca-certificate", &authority.path("ca.pem")]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("\"version\":\"HTTP/1.1\""));
    assert!(stderr.contains("verdict  conformant"), "{stderr}");
}

#[test]
fn a_certificate_of_an_unknown_authority_ends_in_exit_3_with_cause_and_next_step() {
    let (runtime, served, authority) = (Runtime::new().unwrap(), Served::start(&[]), Authority::new());
    let target = behind_tls(&runtime, &served, authority.acceptor(false, &[]));
    let (code, _, stderr) = run(&target, &[]);
    assert_eq!(code, Some(3), "{stderr}");
    let verdict = stderr.lines().find(|line| line.starts_with("verdict")).unwrap();
    assert_eq!(
        verdict,
        "verdict  undetermined: the target can't be reached: its certificate comes from an unknown authority; give that \
         authority, or the certificate itself, as ca-certificate"
    );
}

#[test]
fn a_target_that_demands_a_client_certificate_gets_the_one_that_is_given() {
    let (runtime, served, authority) = (Runtime::new().unwrap(), Served::start(&[]), Authority::new());
    let target = behind_tls(&runtime, &served, authority.acceptor(true, &[]));
    let (ca, both) = (authority.path("ca.pem"), authority.path("both.pem"));
    let (certificate, key) = (authority.path("client.pem"), authority.path("client.key"));
    let (code, _, stderr) = run(&target, &["--ca-certificate", &ca, "--client-certificate", &both]);
    assert_eq!(code, Some(0), "{stderr}");
    let apart = ["--ca-certificate", &ca, "--client-certificate", &certificate, "--client-key", &key];
    let (code, _, stderr) = run(&target, &apart);
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn a_client_certificate_that_is_demanded_and_not_given_ends_in_exit_3_with_cause_and_next_step() {
    let (runtime, served, authority) = (Runtime::new().unwrap(), Served::start(&[]), Authority::new());
    let target = behind_tls(&runtime, &served, authority.acceptor(true, &[]));
    let (code, _, stderr) = run(&target, &["--ca-certificate", &authority.path("ca.pem")]);
    assert_eq!(code, Some(3), "{stderr}");
    let verdict = stderr.lines().find(|line| line.starts_with("verdict")).unwrap();
    assert_eq!(
        verdict,
        "verdict  undetermined: the target can't be reached: received fatal alert: CertificateRequired; is the \
         certificate that it asks for given as client-certificate?"
    );
}

#[test]
fn certificates_that_cannot_be_used_are_named_before_the_first_request() {
    let authority = Authority::new();
    let certificate = authority.path("client.pem");
    let (code, _, stderr) = run("https://127.0.0.1:1", &["--client-certificate", &certificate]);
    assert_eq!(code, Some(2));
    assert_eq!(
        stderr,
        format!(
            "error: the client certificate is not usable; give certificate and private key together, in pem\n  help: look \
             at {certificate}\n"
        )
    );
    let key = authority.path("client.key");
    let (code, _, stderr) = run("https://127.0.0.1:1", &["--ca-certificate", &key]);
    assert_eq!(code, Some(2));
    assert_eq!(
        stderr,
        format!("error: the ca certificate number 1 holds no certificate in pem\n  help: look at {key}\n")
    );
    let (code, _, stderr) = run("https://127.0.0.1:1", &["--client-key", &key]);
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("error: there is a client key, but no client certificate\n"), "{stderr}");
    let (code, _, stderr) = run("https://127.0.0.1:1", &["--ca-certificate", "gone.pem"]);
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("error: the file of --ca-certificate can't be read: gone.pem: "), "{stderr}");
}

/// A proxy that serves one request a connection, or a tunnel; hands the heads of what it is asked to `heads`.
fn proxy(runtime: &Runtime, heads: Arc<Mutex<Vec<String>>>) -> u16 {
    listen(runtime, move |mut stream| {
        let heads = Arc::clone(&heads);
        async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { return };
                head.push(byte);
            }
            let head = String::from_utf8(head).unwrap();
            heads.lock().unwrap().push(head.clone());
            let asked = head.split(' ').nth(1).unwrap();
            if head.starts_with("CONNECT ") {
                let mut behind = TcpStream::connect(asked).await.unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut behind).await;
                return;
            }
            let authority = asked.strip_prefix("http://").unwrap().split('/').next().unwrap();
            let mut behind = TcpStream::connect(authority).await.unwrap();
            let origin = head.replacen(&format!("http://{authority}"), "", 1);
            let closing = origin.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
            behind.write_all(closing.as_bytes()).await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut behind).await;
        }
    })
}

#[test]
fn every_request_goes_through_the_proxy_whose_password_is_never_shown() {
    let (runtime, served) = (Runtime::new().unwrap(), Served::start(&[]));
    let heads = Arc::default();
    let port = proxy(&runtime, Arc::clone(&heads));
    let start = ["run", "--target", &served.url, "--secret", "token=good-token"];
    let output = conformant()
        .args(start)
        .args(["--report-json", "-", "name.mandatory"])
        .env("CONFORMANT_PROXY", format!("http://gate:pass%2Dword-of-the-proxy@127.0.0.1:{port}"))
        .output()
        .unwrap();
    let (code, stdout, stderr) = told(&output);
    assert_eq!(code, Some(0), "{stderr}");
    let heads = heads.lock().unwrap();
    assert!(heads.len() > 5, "{heads:?}");
    // base64 of `gate:pass-word-of-the-proxy`.
    let credentials = "basic z2f0ztpwyxnzlxdvcmqtb2ytdghllxbyb3h5";
    for head in heads.iter() {
        assert!(head.contains(&format!(" {}/v1/", served.url)), "{head}");
        assert!(head.to_lowercase().contains(&format!("proxy-authorization: {credentials}")), "{head}");
    }
    for text in [stdout, stderr] {
        assert!(!text.contains("word-of-the-proxy") && !text.to_lowercase().contains("z2f0ztpw"), "{text}");
    }
}

#[test]
fn a_proxy_tunnels_to_a_target_with_tls() {
    let (runtime, served, authority) = (Runtime::new().unwrap(), Served::start(&[]), Authority::new());
    let target = behind_tls(&runtime, &served, authority.acceptor(false, &[]));
    let heads = Arc::default();
    let port = proxy(&runtime, Arc::clone(&heads));
    let proxy = format!("http://127.0.0.1:{port}");
    let (code, _, stderr) = run(&target, &["--ca-certificate", &authority.path("ca.pem"), "--proxy", &proxy]);
    assert_eq!(code, Some(0), "{stderr}");
    let heads = heads.lock().unwrap();
    let start = format!("CONNECT {} ", target.strip_prefix("https://").unwrap());
    assert!(!heads.is_empty() && heads.iter().all(|head| head.starts_with(&start)), "{heads:?}");
}

#[test]
fn a_proxy_that_is_not_there_ends_in_exit_3_without_its_password() {
    let served = Served::start(&[]);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let proxy = format!("http://gate:password-of-the-proxy@127.0.0.1:{free}");
    let (code, stdout, stderr) = run(&served.url, &["--proxy", &proxy]);
    assert_eq!(code, Some(3), "{stderr}");
    assert!(!stdout.contains("password-of-the-proxy") && !stderr.contains("password-of-the-proxy"));
    let (code, _, stderr) = run("http://127.0.0.1:1", &["--proxy", "http://gate:password-of-the-proxy@:x"]);
    assert_eq!(code, Some(2));
    assert_eq!(
        stderr,
        "error: --proxy: the proxy can't be used: its host or its port is none\n  help: write it like \
         http://127.0.0.1:3128; only HTTP proxies can be used, over http or https\n"
    );
}

#[test]
fn a_target_that_never_finishes_its_handshake_is_unreachable_after_the_connect_timeout() {
    // The system takes the connection, and nobody ever reads from it.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("https://{}", silent.local_addr().unwrap());
    let (code, stdout, stderr) = run(&target, &["--connect-timeout", "0.2", "--deadline", "60"]);
    assert_eq!(code, Some(3), "{stderr}");
    assert!(stdout.contains("no connection was made in time"), "{stdout}");
}

#[test]
fn http_2_is_spoken_where_tls_negotiates_it() {
    let (runtime, authority) = (Runtime::new().unwrap(), Authority::new());
    let acceptor = authority.acceptor(false, &["h2", "http/1.1"]);
    let port = listen(&runtime, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(tls) = acceptor.accept(stream).await else { return };
            assert_eq!(tls.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            let service = hyper::service::service_fn(|request: hyper::Request<hyper::body::Incoming>| async move {
                let version = format!("{:?}", request.version());
                let response = hyper::Response::builder().status(404).header("x-spoken", version);
                response.body("{}".to_owned())
            });
            let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(tls), service).await;
        }
    });
    let (_, stdout, _) = run(&format!("https://127.0.0.1:{port}"), &["--ca-certificate", &authority.path("ca.pem")]);
    assert!(stdout.contains("\"version\":\"HTTP/2.0\"") && stdout.contains("[\"x-spoken\",\"HTTP/2.0\"]"), "{stdout}");
}

#[test]
fn a_profile_holds_certificates_and_proxy_with_paths_of_its_own() {
    let (runtime, served, authority) = (Runtime::new().unwrap(), Served::start(&[]), Authority::new());
    let target = behind_tls(&runtime, &served, authority.acceptor(true, &[]));
    let heads = Arc::default();
    let port = proxy(&runtime, Arc::clone(&heads));
    let text = format!(
        "[profile.staging]\ntarget = \"{target}\"\nca-certificate = [\"ca.pem\"]\nclient-certificate = \"client.pem\"\n\
         client-key = \"client.key\"\nproxy = {{ env = \"PROXY_HERE\" }}\nsecrets.token = {{ env = \"TOKEN_HERE\" }}\n"
    );
    let file = authority.folder.path().join("conformant.toml");
    fs::write(&file, text).unwrap();
    let output = conformant()
        .args(["run", "-P", "staging", "--config", &file.display().to_string(), "name.mandatory"])
        .env("PROXY_HERE", format!("http://127.0.0.1:{port}"))
        .env("TOKEN_HERE", "good-token")
        .current_dir(Path::new("/"))
        .output()
        .unwrap();
    let (code, _, stderr) = told(&output);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(!heads.lock().unwrap().is_empty());
}

/// A server whose certificate is its own authority, as `openssl req -x509` makes them: where it listens, and its certificate.
struct SelfSigned {
    target: String,
    certificate: tempfile::NamedTempFile,
}

impl SelfSigned {
    fn start(runtime: &Runtime, served: &Served, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let der = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], der).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), certificate.pem()).unwrap();
        Self { target: behind_tls(runtime, served, TlsAcceptor::from(Arc::new(config))), certificate: file }
    }

    /// The verdict of a run that is given this server's certificate.
    fn verdict(&self) -> (Option<i32>, String) {
        let path = self.certificate.path().display().to_string();
        verdict(run(&self.target, &["--ca-certificate", &path]))
    }
}

fn verdict((code, _, stderr): (Option<i32>, String, String)) -> (Option<i32>, String) {
    let verdict = stderr.lines().find(|line| line.starts_with("verdict")).unwrap_or(&stderr).to_owned();
    (code, verdict)
}

fn unreachable(cause: &str) -> (Option<i32>, String) {
    (Some(3), format!("verdict  undetermined: the target can't be reached: {cause}"))
}

fn named(params: &mut CertificateParams, name: &str) {
    params.subject_alt_names.clear();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
}

#[test]
fn a_certificate_that_is_its_own_authority_is_trusted_where_it_is_given() {
    let (runtime, served) = (Runtime::new().unwrap(), Served::start(&[]));
    let own = SelfSigned::start(&runtime, &served, |_| {});
    assert_eq!(own.verdict().0, Some(0), "{:?}", own.verdict());
    let no_authority = SelfSigned::start(&runtime, &served, |params| params.is_ca = IsCa::ExplicitNoCa);
    assert_eq!(no_authority.verdict().0, Some(0), "{:?}", no_authority.verdict());
    let by_common_name = SelfSigned::start(&runtime, &served, |params| named(params, "127.0.0.1"));
    assert_eq!(by_common_name.verdict().0, Some(0), "{:?}", by_common_name.verdict());
    let another = SelfSigned::start(&runtime, &served, |_| {});
    let path = another.certificate.path().display().to_string();
    let cause = "its certificate is that of an authority, and was not given itself; give that authority, or the certificate \
                 itself, as ca-certificate";
    assert_eq!(verdict(run(&own.target, &["--ca-certificate", &path])), unreachable(cause));
}

#[test]
fn what_tls_fails_of_is_told_in_words() {
    let (runtime, served, authority) = (Runtime::new().unwrap(), Served::start(&[]), Authority::new());
    let expired = SelfSigned::start(&runtime, &served, |params| params.not_after = rcgen::date_time_ymd(2020, 1, 1));
    assert_eq!(expired.verdict(), unreachable("its certificate has expired"));
    let early = SelfSigned::start(&runtime, &served, |params| params.not_before = rcgen::date_time_ymd(2090, 1, 1));
    assert_eq!(early.verdict(), unreachable("its certificate is not valid yet"));
    let other = SelfSigned::start(&runtime, &served, |params| named(params, "other.example"));
    assert_eq!(other.verdict(), unreachable("its certificate is for another host name"));
    let plain = served.url.replace("http://", "https://");
    let cause = "https to a port that speaks http, or something else without TLS";
    assert_eq!(verdict(run(&plain, &[])), unreachable(cause));
    let secure = behind_tls(&runtime, &served, authority.acceptor(false, &[]));
    let cause = "http to a port that speaks https";
    assert_eq!(verdict(run(&secure.replace("https://", "http://"), &[])), unreachable(cause));
}

#[test]
fn through_a_proxy_what_tls_fails_of_is_told_in_the_same_words() {
    let (runtime, served) = (Runtime::new().unwrap(), Served::start(&[]));
    let expired = SelfSigned::start(&runtime, &served, |params| params.not_after = rcgen::date_time_ymd(2020, 1, 1));
    let own = SelfSigned::start(&runtime, &served, |_| {});
    let port = proxy(&runtime, Arc::default());
    let proxy = format!("http://127.0.0.1:{port}");
    for (server, expected) in [(&expired, Some(3)), (&own, Some(0))] {
        let path = server.certificate.path().display().to_string();
        let (code, told) = verdict(run(&server.target, &["--ca-certificate", &path, "--proxy", &proxy]));
        assert_eq!(code, expected, "{told}");
        assert!(code == Some(0) || told.ends_with("its certificate has expired"), "{told}");
    }
}

#[test]
fn an_insecure_run_takes_any_certificate_and_every_report_says_so() {
    let (runtime, served) = (Runtime::new().unwrap(), Served::start(&[]));
    let server = SelfSigned::start(&runtime, &served, |params| named(params, "other.example"));
    let folder = tempfile::tempdir().unwrap();
    let mut command = conformant();
    command.args(["run", "--insecure", "--target", &server.target, "--secret", "token=good-token", "name.mandatory"]);
    command.arg("--report-github");
    let reports = ["json", "canonical", "junit", "ctrf", "tap", "markdown", "html"];
    for report in reports {
        command.arg(format!("--report-{report}")).arg(folder.path().join(report));
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let says = "(certificates not verified: --insecure)";
    assert!(stdout(&output).contains(says), "{}", stdout(&output));
    assert!(stdout(&output).contains("::warning title=insecure::"), "{}", stdout(&output));
    for report in reports {
        let text = fs::read_to_string(folder.path().join(report)).unwrap();
        let says = if ["json", "canonical"].contains(&report) { "\"insecure\":true" } else { says };
        assert!(text.contains(says), "{report}: {text}");
    }
}
