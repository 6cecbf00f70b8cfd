//! An AMQP broker in memory, for trying things out with nothing installed.
//!
//! ```text
//! cargo run --example broker --features broker -- 127.0.0.1:5673 -v
//! ```
//!
//! It prints its address and serves until it is interrupted. With `-v` it prints a line for each
//! method that it sees (`<`) or sends (`>`), behind the numbers of connection and channel.

use std::env;
use std::error::Error;
use std::thread;

use pika::broker::{Server, Settings};

fn main() -> Result<(), Box<dyn Error>> {
    let mut address = "127.0.0.1:5672".to_owned();
    let mut verbose = false;
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "-v" => verbose = true,
            option if option.starts_with('-') => {
                return Err(
                    format!("unknown option {option}; usage: broker [ADDRESS] [-v]").into(),
                );
            }
            _ => address = argument,
        }
    }
    let settings = Settings::new();
    let server = if verbose {
        Server::bind_logging(&*address, settings, |trace| println!("{trace}"))?
    } else {
        Server::bind_with(&*address, settings)?
    };
    println!("serving on {}", server.local_addr());
    loop {
        thread::park();
    }
}
