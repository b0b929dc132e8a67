/* A light server of one event stream, for relays to ask: one thread, any number of connections.

   stream_server   answers on a free port of 127.0.0.1, which it prints as "ready on port N"

   The answer comes on stdin: the head of the response up to its empty line, then the events, each
   with the empty line that ends it. Every request, whatever its path, gets it in HTTP/1.1 chunks,
   an event a chunk and a chunk a write. How many milliseconds are from event to event the request
   says in its body: "an event every 20 ms"; 0 or nothing: as fast as they are taken.

   Where an event has an @ and 19 zeros, they become the nanoseconds of CLOCK_MONOTONIC at which
   it was due; without a pace, at which it was written. A server that falls behind is late by its
   own figures, therefore, as whoever waits for it sees it. */

#include "common.h"
#include <sys/timerfd.h>

enum { REQUEST_BYTES = 1 << 16, MOST_EVENTS = 1 << 14, READY = 256, BACKLOG = 4096, DIGITS = 19 };
/* So many events without a pace go out before others have their turn. */
enum { TURN = 4 };

static const char MARK[] = "@0000000000000000000";
static const char PACE[] = "an event every ";
static const char END[] = "0\r\n\r\n";

struct chunk {
  char *bytes;
  size_t length;
  char *time; /* its 19 digits, or none */
};

struct connection {
  int fd;
  size_t got;              /* bytes of the request */
  int64_t pace, due;       /* in nanoseconds */
  int next;                /* the next event; `events`: the end */
  int is_answering, is_waiting;
  size_t sent;             /* bytes of a chunk that was not taken whole */
  uint32_t watched;        /* the epoll events of its socket */
  struct connection *before, *after, *gone; /* in the queue; another one that was closed */
  char request[REQUEST_BYTES + 1];
};

static struct chunk head, chunks[MOST_EVENTS + 1];
static int events, poller, listener, timer;
static struct connection *first, *last, *gone;

/* --- Those that wait, in the order in which their events are due --- */

static void wait_until_due(struct connection *one) {
  struct connection *before = last;
  /* It is mostly due after all others, because all have the same pace. */
  while (before && before->due > one->due) before = before->before;
  one->before = before;
  one->after = before ? before->after : first;
  *(one->before ? &one->before->after : &first) = one;
  *(one->after ? &one->after->before : &last) = one;
  one->is_waiting = 1;
}

static void wait_no_more(struct connection *one) {
  if (!one->is_waiting) return;
  *(one->before ? &one->before->after : &first) = one->after;
  *(one->after ? &one->after->before : &last) = one->before;
  one->is_waiting = 0;
}

static void set_timer(void) {
  struct itimerspec at = {0};
  if (first) {
    at.it_value.tv_sec = first->due / 1000000000;
    at.it_value.tv_nsec = first->due % 1000000000;
  }
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, 0);
}

/* --- The answer --- */

static struct chunk chunk_of(const char *event, size_t length) {
  struct chunk chunk = {.bytes = malloc(length + 32)};
  if (!chunk.bytes) fail("no more memory");
  int before = sprintf(chunk.bytes, "%zx\r\n", length);
  memcpy(chunk.bytes + before, event, length);
  memcpy(chunk.bytes + before + length, "\r\n", 3);
  chunk.length = before + length + 2;
  char *mark = memmem(chunk.bytes, chunk.length, MARK, sizeof MARK - 1);
  chunk.time = mark ? mark + 1 : 0;
  return chunk;
}

static void read_answer(void) {
  static char answer[1 << 22];
  size_t length = fread(answer, 1, sizeof answer - 1, stdin);
  char *at = strstr(answer, "\r\n\r\n"), *end = answer + length;
  if (!at) fail("the answer has no head");
  at += 4;
  head = (struct chunk){.bytes = answer, .length = at - answer};
  for (char *next; (next = memmem(at, end - at, "\n\n", 2)); at = next + 2) {
    if (events == MOST_EVENTS) fail("more than %d events", MOST_EVENTS);
    chunks[events++] = chunk_of(at, next + 2 - at);
  }
  chunks[events] = (struct chunk){.bytes = (char *)END, .length = sizeof END - 1};
}

static void stamp(const struct chunk *chunk, int64_t time) {
  if (!chunk->time) return;
  for (int i = DIGITS - 1; i >= 0; i--, time /= 10) chunk->time[i] = '0' + time % 10;
}

static void watch(struct connection *one, uint32_t what) {
  struct epoll_event interest = {.events = what, .data.ptr = one};
  if (one->watched == what) return;
  one->watched = what;
  epoll_ctl(poller, EPOLL_CTL_MOD, one->fd, &interest);
}

/* Close it. What epoll has already told of it is still to be passed over. */
static void drop(struct connection *one) {
  wait_no_more(one);
  close(one->fd);
  one->fd = -1;
  one->gone = gone;
  gone = one;
}

static void free_gone(void) {
  for (struct connection *one; (one = gone);) {
    gone = one->gone;
    free(one);
  }
}

/* Send the rest of a chunk. 1: it is out; 0: not yet; -1: the connection is gone. */
static int send_chunk(struct connection *one, const struct chunk *chunk) {
  ssize_t sent = send(one->fd, chunk->bytes + one->sent, chunk->length - one->sent, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return -1;
  one->sent += sent > 0 ? sent : 0;
  if (one->sent < chunk->length) return 0;
  one->sent = 0;
  return 1;
}

/* Send what is due. All connections share a chunk's bytes: the rest of one that was not taken whole
   may carry another's time. A whole answer fits into the buffers of a connection, though. */
static void play(struct connection *one) {
  for (int turns = 0; one->is_answering; turns++) {
    int64_t time = now();
    if (one->pace > 0 ? one->due > time : turns == TURN) break;
    if (one->sent == 0) stamp(&chunks[one->next], one->pace > 0 ? one->due : time);
    int state = send_chunk(one, &chunks[one->next]);
    if (state < 0) return drop(one);
    if (state == 0) return watch(one, EPOLLIN | EPOLLOUT);
    one->is_answering = one->next++ < events;
    /* The end of the body comes with the last event. */
    if (one->next < events) one->due += one->pace;
  }
  if (!one->is_answering) return watch(one, EPOLLIN);
  if (one->pace > 0) {
    wait_until_due(one);
    watch(one, EPOLLIN);
  } else {
    watch(one, EPOLLIN | EPOLLOUT);
  }
}

/* --- Requests --- */

static size_t length_of(const char *request, const char *body) {
  for (const char *line = request; (line = strchr(line, '\n')) && ++line < body;)
    if (strncasecmp(line, "content-length:", 15) == 0) return strtoul(line + 15, 0, 10);
  return 0;
}

static void answer(struct connection *one) {
  char *body = strstr(one->request, "\r\n\r\n");
  if (!body) return;
  body += 4;
  if (one->got < body - one->request + length_of(one->request, body)) return;
  const char *pace = strstr(body, PACE);
  one->pace = pace ? strtod(pace + sizeof PACE - 1, 0) * 1e6 : 0;
  one->got = one->next = 0;
  one->due = now();
  one->is_answering = 1;
  if (send_chunk(one, &head) != 1) return drop(one);
  play(one);
}

static void read_request(struct connection *one) {
  ssize_t got = recv(one->fd, one->request + one->got, REQUEST_BYTES - one->got, 0);
  if (got < 0 && errno == EAGAIN) return;
  /* A client may close in the middle of a stream. */
  if (got <= 0) return drop(one);
  one->got += got;
  one->request[one->got] = 0;
  if (!one->is_answering) answer(one);
}

static void accept_all(void) {
  int yes = 1, fd;
  while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) {
    struct connection *one = calloc(1, sizeof *one);
    if (!one) fail("no more memory");
    struct epoll_event interest = {.events = EPOLLIN, .data.ptr = one};
    one->fd = fd;
    one->watched = EPOLLIN;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &interest);
  }
  if (errno != EAGAIN && errno != ECONNABORTED) fail("no connection: %s", strerror(errno));
}

static void play_those_due(void) {
  uint64_t fired;
  if (read(timer, &fired, sizeof fired) < 0 && errno != EAGAIN) fail("no timer");
  int64_t time = now();
  while (first && first->due <= time) {
    struct connection *one = first;
    wait_no_more(one);
    play(one);
  }
}

static void serve(const struct epoll_event *ready) {
  struct connection *one = ready->data.ptr;
  if (!one) return accept_all();
  if (one == (void *)&timer) return play_those_due();
  if (one->fd < 0) return;
  if (ready->events & EPOLLOUT && one->is_answering && !one->is_waiting) return play(one);
  read_request(one);
}

static void listen_here(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  struct epoll_event new_ones = {.events = EPOLLIN}, times = {.events = EPOLLIN};
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  poller = epoll_create1(0);
  if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, BACKLOG) < 0)
    fail("no port: %s", strerror(errno));
  getsockname(listener, (struct sockaddr *)&address, &length);
  times.data.ptr = &timer;
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &new_ones);
  epoll_ctl(poller, EPOLL_CTL_ADD, timer, &times);
  printf("ready on port %d\n", ntohs(address.sin_port));
  fflush(stdout);
}

int main(void) {
  read_answer();
  listen_here();
  for (;;) {
    struct epoll_event ready[READY];
    int found = epoll_wait(poller, ready, READY, -1);
    for (int i = 0; i < found; i++) serve(&ready[i]);
    free_gone();
    set_timer();
  }
}
