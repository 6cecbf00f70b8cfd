/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Publish,
    PublishConfirm,
    Consume,
    ConsumeAck,
    Get,
    RpcLatency,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Mode::Publish => "publish",
            Mode::PublishConfirm => "publish-confirm",
            Mode::Consume => "consume",
            Mode::ConsumeAck => "consume-ack",
            Mode::Get => "get",
            Mode::RpcLatency => "rpc-latency",
        }
    }

    fn of(name: &str) -> Self {
        let all = [
            Mode::Publish,
            Mode::PublishConfirm,
            Mode::Consume,
            Mode::ConsumeAck,
            Mode::Get,
            Mode::RpcLatency,
        ];
        let mode = all.into_iter().find(|mode| mode.name() == name);
        mode.unwrap_or_else(|| panic!("unknown mode {name}"))
    }
}

/// The common command line, see `benches/README.md`.
#[derive(Clone, Debug)]
pub struct Args {
    pub client: &'static str,
    /// Which of the client's ways: the runtime, the idiom. Each program says which it has.
    pub variant: String,
    pub url: String,
    pub user: String,
    pub pass: String,
    pub host: String,
    pub port: u16,
    pub vhost: String,
    pub mode: Mode,
    pub count: u64,
    pub size: usize,
    /// What `basic.qos` asks for in the modes that consume; 0: no such call.
    pub prefetch: u16,
    /// publish-confirm: how many messages may wait for their confirm.
    pub window: u64,
    /// consume-ack: every how many deliveries an ack goes out, with `multiple` if more than 1.
    pub ack_every: u64,
    /// The queue; by default `src.<count>.<size>` for consuming, `echo` for rpc-latency, `sink`.
    pub queue: String,
    /// lapin: how many publishes are begun before the first is awaited.
    pub inflight: usize,
    /// Counts allocations, which takes time: never in a run that is timed.
    pub count_allocs: bool,
}

impl Args {
    /// Reads the command line of a client, whose first variant is the default.
    ///
    /// # Panics
    /// When an option is unknown or unusable.
    pub fn parse(client: &'static str, variants: &[&str]) -> Self {
        let mut args = Self {
            client,
            variant: variants[0].into(),
            url: "amqp://guest:guest@127.0.0.1:5673/%2f".into(),
            user: String::new(),
            pass: String::new(),
            host: String::new(),
            port: 0,
            vhost: "/".into(),
            mode: Mode::Publish,
            count: 100_000,
            size: 100,
            prefetch: 0,
            window: 1000,
            ack_every: 1,
            queue: String::new(),
            inflight: 256,
            count_allocs: false,
        };
        let mut words = std::env::args().skip(1);
        while let Some(option) = words.next() {
            if option == "--count-allocs" {
                args.count_allocs = true;
                continue;
            }
            match words.next() {
                Some(value) => args.set(&option, value),
                None => panic!("{option} needs a value"),
            }
        }
        let known = variants.contains(&args.variant.as_str());
        assert!(known, "--variant: one of {variants:?}");
        args.split_url();
        if args.queue.is_empty() {
            args.queue = match args.mode {
                Mode::Publish | Mode::PublishConfirm => "sink".into(),
                Mode::RpcLatency => "echo".into(),
                _ => format!("src.{}.{}", args.count, args.size),
            };
        }
        args
    }

    fn set(&mut self, option: &str, value: String) {
        match option {
            "--variant" => self.variant = value,
            "--url" => self.url = value,
            "--mode" => self.mode = Mode::of(&value),
            "--queue" => self.queue = value,
            "--count" => self.count = number(option, &value),
            "--size" => self.size = number(option, &value),
            "--prefetch" => self.prefetch = number(option, &value),
            "--window" => self.window = number(option, &value),
            "--ack-every" => self.ack_every = number(option, &value),
            "--inflight" => self.inflight = number(option, &value),
            _ => panic!("unknown option {option}"),
        }
    }

    /// `amqp://user:password@host:port/vhost`.
    fn split_url(&mut self) {
        let rest = self.url.strip_prefix("amqp://").expect("an amqp:// URL");
        let (login, rest) = rest.split_once('@').unwrap_or(("guest:guest", rest));
        let (user, pass) = login.split_once(':').unwrap_or((login, ""));
        let (address, vhost) = rest.split_once('/').unwrap_or((rest, "%2f"));
        let (host, port) = address.split_once(':').unwrap_or((address, "5672"));
        let port = number("the port", port);
        let (user, pass, host, vhost) = (decoded(user), decoded(pass), host.into(), decoded(vhost));
        (self.user, self.pass, self.host, self.port, self.vhost) = (user, pass, host, port, vhost);
    }

    /// A body of the size that was asked for.
    pub fn body(&self) -> Vec<u8> {
        vec![b'x'; self.size]
    }

    /// Whether the server shall take messages for acknowledged.
    pub fn no_ack(&self) -> bool {
        self.mode != Mode::ConsumeAck
    }

    /// Whether the `n`-th delivery, counted from 1, is acknowledged.
    #[inline]
    pub fn acks(&self, n: u64) -> bool {
        self.ack_every <= 1 || n.is_multiple_of(self.ack_every) || n == self.count
    }

    /// Whether an ack is for all deliveries before it too.
    pub fn multiple(&self) -> bool {
        self.ack_every > 1
    }

    /// Whether `part` is in the name of the variant, as `mt` is in `mt-seq`.
    pub fn is(&self, part: &str) -> bool {
        self.variant.split('-').any(|word| word == part)
    }
}

fn number<T: std::str::FromStr>(what: &str, value: &str) -> T {
    let number = value.parse();
    number.unwrap_or_else(|_| panic!("{what}: {value} is not a number that fits"))
}

/// Undoes percent encoding.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let code = part.get(..2).map(|code| u8::from_str_radix(code, 16));
        match code {
            Some(Ok(byte)) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            _ => panic!("the URL has a % that means nothing in {text}"),
        }
    }
    String::from_utf8(bytes).expect("a URL in UTF-8")
}
