//! A TCP proxy in front of PostgreSQL that counts messages and cuts the connection around COMMIT.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Where the connection is cut when the client sends COMMIT.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Cut {
    /// Nowhere.
    Never,
    /// The server never gets COMMIT.
    BeforeServer,
    /// The server has carried COMMIT out; the client never hears of it.
    BeforeAnswer,
}

/// What all connections of a proxy share.
pub(crate) struct Proxy {
    cut: Mutex<Cut>,
    /// Bind and Query messages: statements.
    statements: AtomicUsize,
    /// Sync and Query messages: round trips.
    round_trips: AtomicUsize,
    /// BEGIN has been handed to the server.
    begun: Notify,
}

impl Proxy {
    /// Drops `begin` as soon as its BEGIN is on its way to the server.
    pub(crate) async fn cancelled_in_begin<F: Future>(&self, begin: F) {
        tokio::select! {
            biased;
            () = self.begun.notified() => {}
            _ = begin => panic!("begin finished before it could be cancelled"),
        }
    }

    pub(crate) fn cut(&self, cut: Cut) {
        *self.cut.lock().unwrap() = cut;
    }

    /// Statements and round trips since the last call.
    pub(crate) fn counted(&self) -> (usize, usize) {
        (self.statements.swap(0, Ordering::SeqCst), self.round_trips.swap(0, Ordering::SeqCst))
    }
}

/// A proxy to the server of `options`, and the options to reach it through the proxy.
pub(crate) async fn start(options: PgConnectOptions) -> (Arc<Proxy>, PgConnectOptions) {
    let proxy = Arc::new(Proxy {
        cut: Mutex::new(Cut::Never),
        statements: AtomicUsize::new(0),
        round_trips: AtomicUsize::new(0),
        begun: Notify::new(),
    });
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let through = options.clone().host("127.0.0.1").port(listener.local_addr().unwrap().port());
    let server = (options.get_host().to_owned(), options.get_port());
    let shared = Arc::clone(&proxy);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect((server.0.as_str(), server.1)).await.unwrap();
            // Without it the proxy itself would wait for delayed acknowledgements.
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            tokio::spawn(relay(Arc::clone(&shared), client, server));
        }
    });
    (proxy, through.ssl_mode(PgSslMode::Disable))
}

async fn relay(proxy: Arc<Proxy>, client: TcpStream, server: TcpStream) {
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let muted = Arc::new(Mutex::new(false));
    let answered = Arc::new(Notify::new());
    let down = tokio::spawn(answers(server_read, client_write, Arc::clone(&muted), Arc::clone(&answered)));
    // Ends when either side closes or the connection is to be cut; both halves are dropped then.
    let _ = requests(&proxy, client_read, server_write, &muted, &answered).await;
    down.abort();
}

async fn requests(
    proxy: &Proxy,
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    muted: &Mutex<bool>,
    answered: &Notify,
) -> io::Result<()> {
    let startup = client.read_u32().await?;
    let mut body = vec![0; startup as usize - 4];
    client.read_exact(&mut body).await?;
    server.write_all(&[&startup.to_be_bytes()[..], &body].concat()).await?;
    loop {
        let kind = client.read_u8().await?;
        let length = client.read_u32().await?;
        body.resize(length as usize - 4, 0);
        client.read_exact(&mut body).await?;
        proxy.statements.fetch_add(usize::from(matches!(kind, b'B' | b'Q')), Ordering::SeqCst);
        proxy.round_trips.fetch_add(usize::from(matches!(kind, b'S' | b'Q')), Ordering::SeqCst);
        let cut = if kind == b'Q' && body.starts_with(b"COMMIT") { *proxy.cut.lock().unwrap() } else { Cut::Never };
        if cut == Cut::BeforeServer {
            return Ok(());
        }
        *muted.lock().unwrap() = cut == Cut::BeforeAnswer;
        server.write_all(&[&[kind][..], &length.to_be_bytes(), &body].concat()).await?;
        if kind == b'Q' && body.starts_with(b"BEGIN") {
            proxy.begun.notify_one();
        }
        if cut == Cut::BeforeAnswer {
            answered.notified().await;
            return Ok(());
        }
    }
}

async fn answers(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    muted: Arc<Mutex<bool>>,
    answered: Arc<Notify>,
) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        if *muted.lock().unwrap() {
            answered.notify_one();
        } else if client.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
