/* A light client for event streams: N connections, each of which asks again when its
   stream has ended.

   stream_client PORT STREAMS RAMP_MS WARM_MS WINDOW_MS PACE_MS <request

   The request, head and body, comes on stdin. The connections begin one after the other over
   RAMP_MS; what comes between WARM_MS and WARM_MS + WINDOW_MS is counted, and printed as JSON
   (all_events: those before it, too).
   An event ends with an empty line. It is late against the first event of its stream, PACE_MS for
   each event in between (0: nothing is due at any time). An @ and 19 digits in it are the time at
   which its server meant to send it, in nanoseconds of CLOCK_MONOTONIC: its age is the time since
   then. Only bytes are looked at, and the sizes of chunks, so that the client needs far less of the
   machine than any server does. */

#include "common.h"
#include <sys/resource.h>

enum { READ_BYTES = 1 << 16, READY = 256, REQUEST_BYTES = 1 << 16, SILENCE_MS = 20000 };

/* Times are counted in hundredths of a millisecond, up to 30 seconds. */
enum { TICK_NS = 10000, TICKS = 3000000 };

static const char STATUS[] = "HTTP/1.1 200";
static const char MARK = '@';
enum { STATUS_BYTES = sizeof STATUS - 1, DIGITS = 19 };

/* Where in a response: its head, a chunk's size, its bytes, the line that ends it, the last line. */
enum part { HEAD, SIZE, BYTES, AFTER, LAST };

struct stream {
  int fd;
  int64_t asked, first;
  long events;
  enum part part;
  int status;   /* how many bytes of STATUS have come */
  int is_empty; /* the line of the head, so far */
  long left;    /* bytes of the chunk; in its size: what that says so far */
  int newline;  /* the last byte was the end of a line, and not of an event */
  int digits;   /* digits received of a time, after its mark; -1: no mark */
  int64_t sent; /* their value so far */
};

struct histogram {
  uint32_t counts[TICKS];
  uint64_t total;
};

static struct histogram first_byte, first_event, lateness, age;
static char request[REQUEST_BYTES];
static ssize_t request_bytes;
static struct sockaddr_in address;
static int poller;
static int64_t counted_from, counted_to, pace;
static uint64_t all_events, events, reads, ended;
static long fewest = 1L << 60, most;

static double cpu_seconds(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec +
         1e-6 * (used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static int is_counted(int64_t time) { return time >= counted_from && time < counted_to; }

static void count(struct histogram *histogram, int64_t nanoseconds) {
  int64_t tick = nanoseconds < 0 ? 0 : nanoseconds / TICK_NS;
  histogram->counts[tick < TICKS ? tick : TICKS - 1]++;
  histogram->total++;
}

/* The time in ms that a share of all values does not exceed, to a tick. */
static double percentile(const struct histogram *histogram, double share) {
  uint64_t seen = 0;
  for (int tick = 0; tick < TICKS; tick++) {
    seen += histogram->counts[tick];
    if (seen > 0 && seen >= share * histogram->total) return (tick + 1) * (TICK_NS / 1e6);
  }
  return 0;
}

static void ask(struct stream *stream) {
  stream->first = stream->events = stream->status = stream->is_empty = stream->newline = 0;
  stream->part = HEAD;
  stream->digits = -1;
  stream->asked = now();
  /* A request fits into the empty buffer of its socket. */
  if (send(stream->fd, request, request_bytes, MSG_NOSIGNAL) != request_bytes)
    fail("a request could not be sent: %s", strerror(errno));
}

static void begin(struct stream *stream) {
  int yes = 1;
  struct epoll_event interest = {.events = EPOLLIN, .data.ptr = stream};
  stream->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (stream->fd < 0) fail("no more sockets: %s", strerror(errno));
  if (connect(stream->fd, (struct sockaddr *)&address, sizeof address) < 0)
    fail("no connection: %s", strerror(errno));
  setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  epoll_ctl(poller, EPOLL_CTL_ADD, stream->fd, &interest);
  ask(stream);
}

static void check_status(struct stream *stream, const char *bytes, ssize_t length) {
  for (ssize_t i = 0; i < length && stream->status < STATUS_BYTES; i++, stream->status++)
    if (bytes[i] != STATUS[stream->status]) fail("not a 200, but: %.200s", bytes);
}

static void event(struct stream *stream, int64_t time) {
  all_events++;
  if (stream->events == 0) stream->first = time;
  if (is_counted(time)) {
    events++;
    if (stream->events == 0) count(&first_event, time - stream->asked);
    if (pace > 0 && stream->events > 0)
      count(&lateness, time - stream->first - stream->events * pace);
  }
  stream->events++;
}

/* Two ends of lines in a row are the end of an event, however they are cut. */
static void count_events(struct stream *stream, const char *at, const char *end, int64_t time) {
  for (; at < end; at++) {
    if (stream->newline) {
      stream->newline = 0;
      if (*at == '\n') {
        event(stream, time);
        continue;
      }
    }
    if (!(at = memchr(at, '\n', end - at))) return;
    stream->newline = 1;
  }
}

/* A time is an @ and its digits, however they are cut. */
static void count_ages(struct stream *stream, const char *at, const char *end, int64_t time) {
  for (; at < end; at++) {
    if (stream->digits < 0) {
      if (!(at = memchr(at, MARK, end - at))) return;
      stream->digits = stream->sent = 0;
    } else if (*at < '0' || *at > '9') {
      stream->digits = -1;
    } else {
      stream->sent = 10 * stream->sent + (*at - '0');
      if (++stream->digits < DIGITS) continue;
      if (is_counted(time)) count(&age, time - stream->sent);
      stream->digits = -1;
    }
  }
}

static void end_stream(struct stream *stream) {
  if (stream->events < fewest) fewest = stream->events;
  if (stream->events > most) most = stream->events;
  ended++;
  ask(stream);
}

/* A byte of a response that is not of its chunks' bytes. */
static void read_frame(struct stream *stream, char byte) {
  if (byte == '\r') return;
  if (stream->part == SIZE && byte != '\n') {
    char digit[] = {byte, 0}, *end;
    stream->left = 16 * stream->left + strtol(digit, &end, 16);
    if (end == digit) fail("no size of a chunk, but: %c", byte);
  } else if (stream->part == SIZE) {
    stream->part = stream->left > 0 ? BYTES : LAST;
  } else if (stream->part == HEAD && !(byte == '\n' && stream->is_empty)) {
    stream->is_empty = byte == '\n';
  } else if (stream->part == LAST) {
    end_stream(stream);
  } else {
    stream->part = SIZE;
    stream->left = 0;
  }
}

static void read_response(struct stream *stream, const char *at, const char *end, int64_t time) {
  while (at < end) {
    if (stream->part != BYTES) {
      read_frame(stream, *at++);
      continue;
    }
    const char *stop = end - at < stream->left ? end : at + stream->left;
    count_events(stream, at, stop, time);
    count_ages(stream, at, stop, time);
    stream->left -= stop - at;
    at = stop;
    if (stream->left == 0) stream->part = AFTER;
  }
}

static void read_some(struct stream *stream) {
  static char bytes[READ_BYTES + 1];
  ssize_t length = recv(stream->fd, bytes, READ_BYTES, 0);
  int64_t time = now();
  if (length < 0) fail("a stream failed: %s", strerror(errno));
  if (length == 0) fail("a stream was closed after %ld events", stream->events);
  bytes[length] = 0;
  if (stream->status == 0 && is_counted(time)) count(&first_byte, time - stream->asked);
  if (is_counted(time)) reads++;
  check_status(stream, bytes, length);
  read_response(stream, bytes, bytes + length, time);
}

static void print_times(const char *name, const struct histogram *histogram) {
  printf("\"%s_p50\": %.2f, \"%s_p99\": %.2f, ", name, percentile(histogram, 0.5), name,
         percentile(histogram, 0.99));
}

static void print(double busy) {
  double seconds = (counted_to - counted_from) / 1e9;
  printf("{\"seconds\": %.3f, \"events\": %llu, \"reads\": %llu, \"all_events\": %llu, "
         "\"ended\": %llu, \"fewest\": %ld, \"most\": %ld, ",
         seconds, (unsigned long long)events, (unsigned long long)reads,
         (unsigned long long)all_events, (unsigned long long)ended, ended ? fewest : 0, most);
  print_times("first_byte", &first_byte);
  print_times("first_event", &first_event);
  print_times("late", &lateness);
  print_times("age", &age);
  printf("\"ages\": %llu, \"busy\": %.4f}\n", (unsigned long long)age.total, busy);
}

int main(int count_, char **values) {
  if (count_ != 7) fail("see the first lines of stream_client.c");
  int streams = atoi(values[2]), begun = 0;
  int64_t ramp = atoll(values[3]) * 1000000, started, time;
  double used = 0;
  for (ssize_t got; (got = read(0, request + request_bytes, REQUEST_BYTES - request_bytes)) > 0;)
    request_bytes += got;
  address.sin_family = AF_INET;
  address.sin_port = htons(atoi(values[1]));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  poller = epoll_create1(0);
  struct stream *all = calloc(streams, sizeof *all);
  pace = atoll(values[6]) * 1000000;
  started = time = now();
  counted_from = started + atoll(values[4]) * 1000000;
  counted_to = counted_from + atoll(values[5]) * 1000000;
  while (time < counted_to) {
    struct epoll_event ready[READY];
    while (begun < streams && time >= started + ramp * begun / streams) begin(&all[begun++]);
    int found = epoll_wait(poller, ready, READY, begun < streams ? 1 : SILENCE_MS);
    if (found == 0 && begun == streams) fail("nothing came for %d s", SILENCE_MS / 1000);
    for (int i = 0; i < found; i++) read_some(ready[i].data.ptr);
    time = now();
    if (used == 0 && time >= counted_from) used = cpu_seconds();
  }
  print((cpu_seconds() - used) * 1e9 / (counted_to - counted_from));
  return 0;
}
