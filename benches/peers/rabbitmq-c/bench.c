/* rabbitmq-c (librabbitmq) under the common command line. Single thread, blocking.
 *
 * publish          amqp_basic_publish in turn
 * publish-confirm  as above with --window open; acks read with amqp_simple_wait_frame_noblock
 * consume(-ack)    amqp_consume_message (+ amqp_basic_ack per message, or every --ack-every-th
 *                  with multiple=1)
 */
#define _GNU_SOURCE
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

static const char *mode = "publish", *url = "amqp://guest:guest@127.0.0.1:5673/%2f";
static char queue[256];
static uint64_t count = 100000, window = 1000, ack_every = 1;
static size_t size = 100;
static int prefetch = 0;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}
static double tv(struct timeval t) { return t.tv_sec + t.tv_usec * 1e-6; }
static double t0;
static struct rusage r0;
static void start(void) {
  getrusage(RUSAGE_SELF, &r0);
  t0 = now();
}
/* ru_maxrss would carry over the size of the process that forked us */
static long peak_rss_kb(void) {
  char l[256];
  long v = 0;
  FILE *f = fopen("/proc/self/status", "r");
  while (f && fgets(l, sizeof l, f))
    if (sscanf(l, "VmHWM: %ld", &v) == 1) break;
  if (f) fclose(f);
  return v;
}
static int cmp(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}
static void finish(uint64_t n, double *lat) {
  double s = now() - t0;
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  double u = tv(r.ru_utime) - tv(r0.ru_utime), y = tv(r.ru_stime) - tv(r0.ru_stime), nn = n ? n : 1;
  printf("{\"client\":\"rabbitmq-c\",\"variant\":\"seq\",\"mode\":\"%s\",\"size\":%zu,\"messages\":%lu,\"seconds\":%.6f,"
         "\"msgs_per_s\":%.1f,\"cpu_user_s\":%.4f,\"cpu_sys_s\":%.4f,\"cpu_us_per_msg\":%.4f,\"maxrss_kb\":%ld,"
         "\"vcsw_per_msg\":%.4f,\"icsw_per_msg\":%.4f",
         mode, size, n, s, n / s, u, y, (u + y) * 1e6 / nn, peak_rss_kb(), (r.ru_nvcsw - r0.ru_nvcsw) / nn,
         (r.ru_nivcsw - r0.ru_nivcsw) / nn);
  if (lat) {
    qsort(lat, n, sizeof *lat, cmp);
#define Q(p) lat[(size_t)((n - 1) * p)]
    printf(",\"lat_p50_us\":%.2f,\"lat_p90_us\":%.2f,\"lat_p99_us\":%.2f,\"lat_p999_us\":%.2f,\"lat_max_us\":%.2f", Q(.5),
           Q(.9), Q(.99), Q(.999), Q(1.0));
  }
  printf("}\n");
}
static void die(const char *w, amqp_rpc_reply_t r) {
  if (r.reply_type == AMQP_RESPONSE_NORMAL) return;
  fprintf(stderr, "%s: reply type %d, %s\n", w, r.reply_type, amqp_error_string2(r.library_error));
  exit(1);
}
#define CHECK(c, w) die(w, amqp_get_rpc_reply(c))

/* confirms: RabbitMQ mixes single and multiple acks */
static uint64_t base, acked;
static unsigned char *seen;
static void on_ack(uint64_t tag, int multiple) {
  if (multiple) {
    for (; base < tag; base++)
      if (!seen[base % 65536]) acked++;
      else seen[base % 65536] = 0;
  } else if (tag > base) {
    seen[(tag - 1) % 65536] = 1;
    acked++;
    while (seen[base % 65536]) seen[base % 65536] = 0, base++;
  }
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--count-allocs")) continue;
    const char *k = argv[i], *v = argv[++i];
    if (!v) return 2;
    if (!strcmp(k, "--url")) url = v;
    else if (!strcmp(k, "--mode")) mode = v;
    else if (!strcmp(k, "--count")) count = strtoull(v, 0, 10);
    else if (!strcmp(k, "--size")) size = strtoull(v, 0, 10);
    else if (!strcmp(k, "--prefetch")) prefetch = atoi(v);
    else if (!strcmp(k, "--window")) window = strtoull(v, 0, 10);
    else if (!strcmp(k, "--ack-every")) ack_every = strtoull(v, 0, 10);
    else if (!strcmp(k, "--queue")) snprintf(queue, sizeof queue, "%s", v);
    /* --variant: nothing to choose */
  }
  int consuming = !strncmp(mode, "consume", 7) || !strcmp(mode, "get");
  if (!*queue) {
    if (consuming) snprintf(queue, sizeof queue, "src.%lu.%zu", count, size);
    else strcpy(queue, strcmp(mode, "rpc-latency") ? "sink" : "echo");
  }
  struct amqp_connection_info ci;
  char *u = strdup(url);
  amqp_default_connection_info(&ci);
  if (amqp_parse_url(u, &ci)) return 2;
  amqp_connection_state_t c = amqp_new_connection();
  amqp_socket_t *s = amqp_tcp_socket_new(c);
  if (amqp_socket_open(s, ci.host, ci.port)) {
    fprintf(stderr, "connect failed\n");
    return 1;
  }
  die("login", amqp_login(c, ci.vhost, 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, ci.user, ci.password));
  amqp_channel_open(c, 1);
  CHECK(c, "channel.open");
  char *body = malloc(size + 1);
  memset(body, 'x', size);
  amqp_bytes_t b = {size, body}, q = amqp_cstring_bytes(queue);
  amqp_basic_properties_t props;
  memset(&props, 0, sizeof props);

  if (!strcmp(mode, "publish")) {
    start();
    for (uint64_t i = 0; i < count; i++)
      if (amqp_basic_publish(c, 1, amqp_empty_bytes, q, 0, 0, &props, b)) return 1;
    amqp_queue_declare(c, 1, q, 1, 0, 0, 0, amqp_empty_table);
    CHECK(c, "barrier");
    finish(count, 0);
  } else if (!strcmp(mode, "publish-confirm")) {
    seen = calloc(65536, 1);
    amqp_confirm_select(c, 1);
    CHECK(c, "confirm.select");
    start();
    struct timeval zero = {0, 0};
    for (uint64_t i = 0; i < count || acked < count;) {
      int full = i == count || i - acked >= window;
      if (!full) {
        if (amqp_basic_publish(c, 1, amqp_empty_bytes, q, 0, 0, &props, b)) return 1;
        i++;
        if (i % 64) continue; /* look for acks now and then */
      }
      amqp_frame_t f;
      for (;;) {
        int r = amqp_simple_wait_frame_noblock(c, &f, full ? NULL : &zero);
        if (r == AMQP_STATUS_TIMEOUT) break;
        if (r) return 1;
        full = 0;
        if (f.frame_type == AMQP_FRAME_METHOD && f.payload.method.id == AMQP_BASIC_ACK_METHOD) {
          amqp_basic_ack_t *a = f.payload.method.decoded;
          on_ack(a->delivery_tag, a->multiple);
        }
        amqp_maybe_release_buffers(c);
        if (!amqp_frames_enqueued(c) && !amqp_data_in_buffer(c)) break;
      }
    }
    finish(count, 0);
  } else if (!strncmp(mode, "consume", 7)) {
    int acks = !strcmp(mode, "consume-ack");
    if (prefetch) amqp_basic_qos(c, 1, 0, prefetch, 0);
    start();
    amqp_basic_consume(c, 1, q, amqp_cstring_bytes("ctag"), 0, !acks, 0, amqp_empty_table);
    CHECK(c, "consume");
    uint64_t n = 0;
    while (n < count) {
      amqp_envelope_t e;
      amqp_maybe_release_buffers(c);
      die("consume_message", amqp_consume_message(c, &e, NULL, 0));
      n++;
      if (e.message.body.len != size) return 3;
      if (acks && (ack_every <= 1 || n % ack_every == 0 || n == count)) amqp_basic_ack(c, 1, e.delivery_tag, ack_every > 1);
      amqp_destroy_envelope(&e);
    }
    if (acks) {
      amqp_queue_declare(c, 1, q, 1, 0, 0, 0, amqp_empty_table);
      CHECK(c, "barrier");
    }
    finish(n, 0);
  } else if (!strcmp(mode, "get")) {
    uint64_t n = 0;
    start();
    while (n < count) {
      amqp_rpc_reply_t r = amqp_basic_get(c, 1, q, 1);
      die("get", r);
      if (r.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) break;
      amqp_message_t m;
      die("read_message", amqp_read_message(c, 1, &m, 0));
      amqp_destroy_message(&m);
      amqp_maybe_release_buffers(c);
      n++;
    }
    finish(n, 0);
  } else if (!strcmp(mode, "rpc-latency")) {
    amqp_basic_consume(c, 1, q, amqp_cstring_bytes("ctag"), 0, 1, 0, amqp_empty_table);
    CHECK(c, "consume");
    double *lat = malloc(count * sizeof *lat);
    start();
    for (uint64_t i = 0; i < count; i++) {
      double t = now();
      if (amqp_basic_publish(c, 1, amqp_empty_bytes, q, 0, 0, &props, b)) return 1;
      amqp_envelope_t e;
      amqp_maybe_release_buffers(c);
      die("consume_message", amqp_consume_message(c, &e, NULL, 0));
      amqp_destroy_envelope(&e);
      lat[i] = (now() - t) * 1e6;
    }
    finish(count, lat);
  } else return 2;
  amqp_connection_close(c, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(c);
  return 0;
}
