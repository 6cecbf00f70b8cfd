use std::thread;

use pika::Error;
use pika::blocking::ConsumerEnd;
use pika::broker::Ending;
use pika::wire::ReplyCode;

use super::*;

#[test]
#[cfg(target_os = "linux")]
fn threads_end_with_their_connections_however_those_end() {
    let stage = Stage::alone();
    let over = || soon(|| driver_threads() == 0 && stage.connections() == 0);

    // Closed: the thread has ended when the call returns, for all handles.
    let connection = open(&stage);
    let other = connection.clone();
    let (channel, queue) = channel_and_queue(&connection);
    let consumer = consume(&channel, &queue);
    assert_eq!(driver_threads(), way::THREADS);
    connection.close().unwrap();
    assert!(soon(|| driver_threads() == 0));
    other.close().unwrap();
    drop((consumer, channel, connection, other));
    assert!(over());

    // Dropped, in any order, by any thread.
    for order in 0..6 {
        let connection = open(&stage);
        let (channel, queue) = channel_and_queue(&connection);
        let consumer = consume(&channel, &queue);
        let mut handles: Vec<Box<dyn Send>> =
            vec![Box::new(connection), Box::new(channel), Box::new(consumer)];
        handles.rotate_left(order % 3);
        if order >= 3 {
            handles.swap(0, 1);
        }
        for handle in handles {
            assert_eq!(driver_threads(), way::THREADS);
            thread::spawn(move || drop(handle)).join().unwrap();
        }
        assert!(over());
    }

    // Refused before it was open.
    let wrong: Result<Connection, _> = way::open_as(config(&stage).login("nobody", "nothing"));
    assert!(wrong.is_err());
    assert!(over());

    // Ended by the server.
    let connection = open(&stage);
    let id = stage.first();
    stage.with(|broker| {
        broker.faults().end(id, Ending::Reset);
    });
    assert!(!connection.wait_closed().is_normal());
    assert!(over());
    assert!(connection.close().is_err());
}

#[test]
#[cfg(target_os = "linux")]
fn a_channel_leads_to_its_connection_and_its_thread() {
    let stage = Stage::alone();
    let connection = open(&stage);
    let channel = connection.channel().unwrap();
    drop(connection);
    let next = channel.connection().channel().unwrap();
    assert_ne!(next.id(), channel.id());
    assert_eq!((stage.connections(), driver_threads()), (1, way::THREADS));
    channel.connection().close().unwrap();
    assert!(soon(|| driver_threads() == 0));
    assert!(next.closed().unwrap().is_normal());
    next.connection().close().unwrap();
}

#[test]
fn a_message_published_before_the_last_handle_goes_arrives() {
    let stage = Stage::new();
    let connection = open(&stage);
    let channel = connection.channel().unwrap();
    channel.queue_declare(queue::Declare::new("kept")).unwrap();
    for _ in 0..100 {
        channel.publish("", "kept", vec![1; 10_000]).unwrap();
    }
    drop(channel);
    drop(connection);
    let kept = || stage.with(|broker| broker.queue("/", "kept").unwrap().ready);
    assert!(soon(|| kept() == 100));
    assert!(soon(|| stage.connections() == 0));
}

#[test]
fn a_close_ends_what_other_threads_wait_for() {
    let stage = Stage::new();
    let connection = open(&stage);
    let (channel, queue) = channel_and_queue(&connection);
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let mut consumer = consume(&channel, &queue);
            thread::spawn(move || (consumer.next().unwrap().is_none(), consumer.end()))
        })
        .collect();
    let closed = {
        let connection = connection.clone();
        thread::spawn(move || connection.wait_closed())
    };
    let closing: Vec<_> = (0..3)
        .map(|_| {
            let connection = connection.clone();
            thread::spawn(move || connection.close())
        })
        .collect();
    for closing in closing {
        closing.join().unwrap().unwrap();
    }
    for waiting in waiting {
        let (is_over, end) = waiting.join().unwrap();
        assert!(is_over && matches!(end, Some(ConsumerEnd::Closed(why)) if why.is_normal()));
    }
    assert!(closed.join().unwrap().is_normal());
    assert!(matches!(connection.channel(), Err(Error::Closed(_))));
}

#[test]
fn a_thread_that_panics_takes_its_handles_along_and_nothing_else() {
    let stage = Stage::new();
    let connection = open(&stage);
    let (channel, queue) = channel_and_queue(&connection);
    let (theirs, name) = (connection.channel().unwrap(), queue.clone());
    let unlucky = thread::spawn(move || {
        let mut consumer = consume(&theirs, &name);
        let _held = consumer.next().unwrap();
        std::panic::resume_unwind(Box::new("on purpose"));
    });
    channel.publish("", &queue, "precious").unwrap();
    assert!(unlucky.join().is_err());
    let again = consume(&channel, &queue).next_within(PATIENCE).unwrap();
    assert!(again.unwrap().redelivered());
    connection.close().unwrap();
}

#[test]
fn a_channel_that_the_server_closes_tells_why_and_the_connection_goes_on() {
    let stage = Stage::new();
    let connection = open(&stage);
    let channel = connection.channel().unwrap();
    let passive = queue::Declare::new("no such queue").passive(true);
    let error = channel.queue_declare(passive).unwrap_err();
    assert!(error.to_string().contains("no such queue"), "{error}");
    assert!(!channel.is_open());
    assert!(!channel.wait_closed().is_normal());
    assert!(channel.publish("", "anywhere", "in vain").is_err());
    assert!(channel.close().is_err());
    let text = pika::wire::ShortStr::from_static("so long");
    connection
        .channel()
        .unwrap()
        .close_with(ReplyCode::REPLY_SUCCESS, text)
        .unwrap();
    connection.close().unwrap();
}

#[test]
#[cfg(unix)]
fn a_local_socket_will_do() {
    use std::io::copy;
    use std::net::{Shutdown, TcpStream};
    use std::os::unix::net::UnixStream;

    let stage = Stage::new();
    let (ours, theirs) = UnixStream::pair().unwrap();
    let tcp = TcpStream::connect(stage.local_addr()).unwrap();
    let (mut theirs_too, mut tcp_too) = (theirs.try_clone().unwrap(), tcp.try_clone().unwrap());
    let (mut theirs, mut tcp) = (theirs, tcp);
    let there = thread::spawn(move || {
        let _ended = copy(&mut theirs, &mut tcp);
        let _gone = tcp.shutdown(Shutdown::Write);
    });
    let back = thread::spawn(move || copy(&mut tcp_too, &mut theirs_too).map(drop));
    let connection: Connection = way::over_unix(ours, pika::config::Config::new()).unwrap();
    let (channel, queue) = channel_and_queue(&connection);
    channel.publish("", &queue, vec![3; 1_000_000]).unwrap();
    let mut consumer = consume(&channel, &queue);
    assert_eq!(consumer.next().unwrap().unwrap().body().len(), 1_000_000);
    drop(consumer);
    connection.close().unwrap();
    there.join().unwrap();
    let _ended = back.join().unwrap();
}
