#!/usr/bin/python3
"""pika for Python under the common command line.

--variant blocking (default): BlockingConnection, the documented way. publish-confirm waits for
        each confirm in turn (that is all BlockingConnection offers: the window is 1).
--variant select: SelectConnection with callbacks; publish-confirm keeps --window open,
        publish sends bursts of 500 and yields to the I/O loop while the write buffer is long.
consume-ack: basic_ack per message, or every --ack-every-th with multiple=True.
"""
import argparse
import json
import resource
import sys
import time

import pika

p = argparse.ArgumentParser()
p.add_argument("--url", default="amqp://guest:guest@127.0.0.1:5673/%2f")
p.add_argument("--mode", default="publish")
p.add_argument("--count", type=int, default=100000)
p.add_argument("--size", type=int, default=100)
p.add_argument("--prefetch", type=int, default=0)
p.add_argument("--window", type=int, default=1000)
p.add_argument("--ack-every", type=int, default=1)
p.add_argument("--queue", default="")
p.add_argument("--variant", choices=("blocking", "select"), default="blocking")
A = p.parse_args()
if not A.queue:
    A.queue = {"publish": "sink", "publish-confirm": "sink", "rpc-latency": "echo"}.get(A.mode, f"src.{A.count}.{A.size}")
BODY = b"x" * A.size


def peak_rss_kb():
    # ru_maxrss would carry over the size of the process that forked us
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))


class Meter:
    def start(self):
        self.r0 = resource.getrusage(resource.RUSAGE_SELF)
        self.t0 = time.perf_counter()

    def finish(self, n, lat=None):
        s = time.perf_counter() - self.t0
        r, r0 = resource.getrusage(resource.RUSAGE_SELF), self.r0
        u, y = r.ru_utime - r0.ru_utime, r.ru_stime - r0.ru_stime
        o = dict(client="python-pika", variant=A.variant, mode=A.mode, size=A.size, messages=n, seconds=round(s, 6),
                 msgs_per_s=round(n / s, 1), cpu_user_s=round(u, 4), cpu_sys_s=round(y, 4),
                 cpu_us_per_msg=round((u + y) * 1e6 / max(n, 1), 4), maxrss_kb=peak_rss_kb(),
                 vcsw_per_msg=(r.ru_nvcsw - r0.ru_nvcsw) / max(n, 1), icsw_per_msg=(r.ru_nivcsw - r0.ru_nivcsw) / max(n, 1))
        if lat:
            lat.sort()
            for k, q in (("p50", .5), ("p90", .9), ("p99", .99), ("p999", .999), ("max", 1)):
                o[f"lat_{k}_us"] = round(lat[int((len(lat) - 1) * q)] * 1e6, 2)
        print(json.dumps(o))


M = Meter()
params = pika.URLParameters(A.url)
params.heartbeat = 0


def blocking():
    conn = pika.BlockingConnection(params)
    ch = conn.channel()
    if A.mode == "publish":
        M.start()
        for _ in range(A.count):
            ch.basic_publish("", A.queue, BODY)
        ch.queue_declare(A.queue, passive=True)
        M.finish(A.count)
    elif A.mode == "publish-confirm":
        ch.confirm_delivery()
        M.start()
        for _ in range(A.count):
            ch.basic_publish("", A.queue, BODY)
        M.finish(A.count)
    elif A.mode in ("consume", "consume-ack"):
        acks = A.mode == "consume-ack"
        if A.prefetch:
            ch.basic_qos(prefetch_count=A.prefetch)
        n = 0

        def on(ch, method, props, body):
            nonlocal n
            n += 1
            if acks and (A.ack_every <= 1 or n % A.ack_every == 0 or n == A.count):
                ch.basic_ack(method.delivery_tag, A.ack_every > 1)
            if n == A.count:
                ch.stop_consuming()
        M.start()
        ch.basic_consume(A.queue, on, auto_ack=not acks, consumer_tag="ctag")
        ch.start_consuming()
        M.finish(n)
    elif A.mode == "get":
        M.start()
        n = 0
        while n < A.count and ch.basic_get(A.queue, auto_ack=True)[0] is not None:
            n += 1
        M.finish(n)
    elif A.mode == "rpc-latency":
        got = []
        ch.basic_consume(A.queue, lambda *a: got.append(1), auto_ack=True, consumer_tag="ctag")
        lat = []
        M.start()
        for _ in range(A.count):
            t = time.perf_counter()
            ch.basic_publish("", A.queue, BODY)
            while not got:
                conn.process_data_events(time_limit=5)
            got.clear()
            lat.append(time.perf_counter() - t)
        M.finish(A.count, lat)
    conn.close()


def select():
    st = dict(sent=0, acked=0, n=0)

    def on_open(conn):
        conn.channel(on_open_callback=on_channel)

    def on_channel(ch):
        st["ch"] = ch
        if A.mode == "publish":
            M.start()
            burst()
        elif A.mode == "publish-confirm":
            ch.confirm_delivery(on_confirm, callback=lambda _f: (M.start(), fill()))
        else:
            acks = A.mode == "consume-ack"
            if A.prefetch:
                ch.basic_qos(prefetch_count=A.prefetch)
            M.start()
            ch.basic_consume(A.queue, on_msg, auto_ack=not acks, consumer_tag="ctag")

    def burst():
        if conn._transport is None or conn._get_write_buffer_size() < 1 << 20:
            for _ in range(min(500, A.count - st["sent"])):
                st["ch"].basic_publish("", A.queue, BODY)
                st["sent"] += 1
        if st["sent"] < A.count:
            conn.ioloop.call_later(0, burst)
        else:
            st["ch"].queue_declare(A.queue, passive=True, callback=lambda _f: (M.finish(A.count), conn.close()))

    def fill():
        while st["sent"] < A.count and st["sent"] - st["acked"] < A.window:
            st["ch"].basic_publish("", A.queue, BODY)
            st["sent"] += 1

    seen = set()
    base = [0]

    def on_confirm(f):
        m = f.method
        if m.multiple:
            k = m.delivery_tag - base[0]
            for t in [t for t in seen if t <= m.delivery_tag]:
                seen.discard(t)
                k -= 1
            base[0] = max(base[0], m.delivery_tag)
            st["acked"] += max(k, 0)
        else:
            seen.add(m.delivery_tag)
            st["acked"] += 1
            while base[0] + 1 in seen:
                base[0] += 1
                seen.discard(base[0])
        if st["acked"] == A.count:
            M.finish(A.count)
            conn.close()
        else:
            fill()

    def on_msg(ch, method, props, body):
        st["n"] += 1
        n = st["n"]
        if A.mode == "consume-ack" and (A.ack_every <= 1 or n % A.ack_every == 0 or n == A.count):
            ch.basic_ack(method.delivery_tag, A.ack_every > 1)
        if n == A.count:
            if A.mode == "consume-ack":
                ch.queue_declare(A.queue, passive=True, callback=lambda _f: (M.finish(n), conn.close()))
            else:
                M.finish(n)
                conn.close()

    def bad(conn, e):
        sys.exit(f"failed: {e}")
    conn = pika.SelectConnection(params, on_open_callback=on_open, on_open_error_callback=bad,
                                 on_close_callback=lambda c, e: c.ioloop.stop())
    conn.ioloop.start()


blocking() if A.variant == "blocking" else select()
