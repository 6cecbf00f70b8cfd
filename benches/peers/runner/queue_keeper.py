"""Keeps the queue of a broker: reads words, answers each with a number.

fresh: empty and there; ready: how many messages wait; gone: deleted.
"""
import sys

import pika

url, queue = sys.argv[1:]
parameters = pika.URLParameters(url)
parameters.heartbeat = 0
channel = pika.BlockingConnection(parameters).channel()
for line in sys.stdin:
    answer = 0
    if line.strip() == "ready":
        answer = channel.queue_declare(queue, passive=True).method.message_count
    else:
        channel.queue_delete(queue)
        if line.strip() == "fresh":
            channel.queue_declare(queue)
    print(answer, flush=True)
