//! A small HTTP/1.1 server on plain threads, one a connection: no framework that would put anything right.

use std::collections::HashMap;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::reply::{Message, Reply};
use super::request::Request;

/// What answers requests.
type Service = dyn Fn(&Request) -> Reply + Send + Sync;

/// A server at work. Dropping it closes every connection and waits for its threads.
pub struct Server {
    address: SocketAddr,
    house: Arc<House>,
    doorman: Option<JoinHandle<()>>,
}

struct House {
    address: SocketAddr,
    service: Box<Service>,
    guests: Mutex<Guests>,
    gone: Condvar,
}

#[derive(Default)]
struct Guests {
    closed: bool,
    streams: HashMap<usize, TcpStream>,
}

impl Server {
    /// Listens on a free port of loopback.
    pub fn start<R: Into<Reply>>(service: impl Fn(&Request) -> R + Send + Sync + 'static) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self::start_at(address, service)
    }

    /// Listens at this address, where another one may have listened before.
    pub fn start_at<R: Into<Reply>>(
        address: SocketAddr,
        service: impl Fn(&Request) -> R + Send + Sync + 'static,
    ) -> Self {
        let listener = bind(address);
        let address = listener.local_addr().expect("an address");
        let house = Arc::new(House {
            address,
            service: Box::new(move |request| service(request).into()),
            guests: Mutex::default(),
            gone: Condvar::new(),
        });
        let inside = Arc::clone(&house);
        let doorman = thread::spawn(move || receive(&listener, &inside));
        Self { address, house, doorman: Some(doorman) }
    }

    /// The base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.house.close();
        if let Some(doorman) = self.doorman.take() {
            let _ = doorman.join();
        }
        let guests = self.house.guests.lock().expect("no thread panics while it counts");
        drop(self.house.gone.wait_while(guests, |guests| !guests.streams.is_empty()));
    }
}

impl House {
    /// Closes the door and every connection.
    fn close(&self) {
        let mut guests = self.guests.lock().expect("no thread panics while it counts");
        if guests.closed {
            return;
        }
        guests.closed = true;
        for stream in guests.streams.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(guests);
        // Wakes the thread that waits for the next connection.
        let _ = TcpStream::connect(self.address);
    }

    /// Lets a connection in, unless the door is closed.
    fn admit(&self, number: usize, stream: &TcpStream) -> bool {
        let mut guests = self.guests.lock().expect("no thread panics while it counts");
        match stream.try_clone() {
            Ok(clone) if !guests.closed => guests.streams.insert(number, clone).is_none(),
            _ => false,
        }
    }
}

/// Strikes a connection off the list however its thread ends.
struct Visit<'a>(&'a House, usize);

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        if let Ok(mut guests) = self.0.guests.lock()
            && let Some(stream) = guests.streams.remove(&self.1)
        {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.0.gone.notify_all();
    }
}

/// Binds this address. A client of another test may have got the port for a while, so it is asked for again.
fn bind(address: SocketAddr) -> TcpListener {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match TcpListener::bind(address) {
            Ok(listener) => return listener,
            Err(error) => assert!(Instant::now() < until, "{address}: {error}"),
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn receive(listener: &TcpListener, house: &Arc<House>) {
    for (number, stream) in listener.incoming().enumerate() {
        let Ok(stream) = stream else { continue };
        if !house.admit(number, &stream) {
            return;
        }
        let house = Arc::clone(house);
        thread::spawn(move || {
            let _visit = Visit(&house, number);
            serve(stream, number, &house);
        });
    }
}

fn serve(mut stream: TcpStream, number: usize, house: &House) {
    let _ = stream.set_nodelay(true);
    let Ok(clone) = stream.try_clone() else { return };
    let mut reader = BufReader::new(clone);
    loop {
        let request = match Request::read(&mut reader, number) {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(_) => {
                let _ = stream.write_all(&Message { close: true, ..Message::new(400) }.bytes("GET"));
                return;
            }
        };
        match (house.service)(&request) {
            Reply::Message(message) => {
                let sent = stream.write_all(&message.bytes(&request.method));
                let asked = request.value("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
                if sent.is_err() || message.close || asked {
                    return;
                }
            }
            Reply::Bytes(bytes) => {
                let _ = stream.write_all(&bytes);
                return;
            }
            Reply::Beginning(bytes) => {
                let _ = stream.write_all(&bytes);
                let _ = reader.read_to_end(&mut Vec::new());
                return;
            }
            Reply::Endless { head, piece, pause } => {
                let mut sent = stream.write_all(&head);
                while sent.is_ok() {
                    sent = stream.write_all(&piece);
                    thread::sleep(pause);
                }
                return;
            }
            Reply::Silence => {
                let _ = reader.read_to_end(&mut Vec::new());
                return;
            }
            Reply::Death => return house.close(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(server: &Server, sent: &str) -> String {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text);
        text
    }

    #[test]
    fn a_connection_is_kept_until_the_client_says_otherwise() {
        let server = Server::start(|request| Message::new(200).with_body(request.path()));
        let text = exchange(&server, "GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nConnection: close\r\n\r\n");
        let answer = |path| format!("HTTP/1.1 200 \r\ncontent-length: 2\r\n\r\n{path}");
        assert_eq!(text, answer("/a") + &answer("/b"));
    }

    #[test]
    fn dropping_a_server_ends_the_connections_that_wait_for_an_answer() {
        let server = Server::start(|_| Reply::Silence);
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        drop(server);
        assert!(matches!(stream.read(&mut [0; 1]), Ok(0) | Err(_)));
    }

    #[test]
    fn a_server_that_dies_takes_no_more_connections() {
        let server = Server::start(|_| Reply::Death);
        let address = server.address;
        assert_eq!(exchange(&server, "GET / HTTP/1.1\r\n\r\n"), "");
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }
}
