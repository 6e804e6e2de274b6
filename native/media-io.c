/*
 * UDP for the media threads: what Node's dgram does for a packet in 9 µs, done in 3. Sockets are file descriptors in one
 * epoll set, which libuv watches; whatever is there is read into a ring that JavaScript sees, and told in one call. What goes
 * on from there leaves in one call too; any other packet in the call that says so. An alarm in the same set wakes the thread.
 * Nothing here knows what RTP is.
 *
 * The file is compiled by native/build.mjs, and done without where there is no compiler (src/media/media-worker-dgram.ts).
 * Every failure of the system comes back as a negative errno; nothing throws.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Of libuv, whose header only comes with Node's own; its ABI is the same in all of version 1. */
typedef struct uv_loop_s uv_loop_t;
typedef struct uv_handle_s uv_handle_t;
typedef void (*uv_poll_cb)(uv_handle_t *handle, int status, int events);
typedef void (*uv_close_cb)(uv_handle_t *handle);
extern size_t uv_handle_size(int type);
extern int uv_poll_init(uv_loop_t *loop, uv_handle_t *handle, int fd);
extern int uv_poll_start(uv_handle_t *handle, int events, uv_poll_cb cb);
extern void uv_close(uv_handle_t *handle, uv_close_cb cb);
extern void uv_handle_set_data(uv_handle_t *handle, void *data);
extern void *uv_handle_get_data(const uv_handle_t *handle);
enum { UV_POLL_TYPE = 8, UV_READABLE_EVENT = 1 };

/* Told to JavaScript, which refuses a binary that was built from another version of this file. */
enum { VERSION = 4 };

enum {
  /* Datagrams told in one call. */
  SLOTS = 128,
  /* Octets of a slot: more than any Ethernet carries, what is longer is left out; odd in cache lines, so that the heads of
   * all slots do not fall into the same few sets of the cache. */
  SLOT_OCTETS = 2112,
  /* Words of a datagram's description: file descriptor, octets, source port, whether the source is another; and, written by
   * JavaScript, the file descriptor to send it on from, plus one; 0: it stays. Then the errno of that, written here. */
  WORDS = 6,
  WORD_SEND_ON = 4,
  WORD_ERRNO = 5,
};

/*
 * Waking up costs as much as relaying a packet. From so many datagrams a second on the thread looks every GATHER_NS instead of
 * when one comes, and back below the lower rate; the rate is taken over RATE_NS. Below, nothing ever waits.
 */
enum {
  GATHER_NS = 500000,
  GATHER_FROM_A_SECOND = 6000,
  GATHER_DOWN_TO_A_SECOND = 3000,
  RATE_NS = 20000000,
};

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} endpoint;

typedef struct {
  /* Where packets go, and its size; 0: nowhere yet. */
  endpoint to;
  socklen_t to_octets;
  /* Where the latest datagram came from. */
  endpoint from;
  bool open;
} sock;

typedef struct {
  napi_env env;
  napi_ref on_ready, ring_ref, words_ref;
  uint8_t *ring;
  uint32_t *words;
  /* Where the datagram in each slot came from. */
  endpoint from[SLOTS];
  /* What libuv watches: `sockets`, unless datagrams are gathered, and both clocks. */
  int epoll;
  /* An epoll set of all sockets. */
  int sockets;
  /* Rings every GATHER_NS while datagrams are gathered. */
  int gatherer;
  bool gathers;
  /* Datagrams told since this moment of the monotonic clock. */
  uint64_t rate_from_ns;
  uint32_t rate_count;
  /* Rings at a moment of the monotonic clock, far more exactly than libuv's timers of whole milliseconds. */
  int alarm;
  uv_handle_t *poll;
  napi_async_cleanup_hook_handle cleanup;
  /* By file descriptor. */
  sock *socks;
  int socks_max;
  bool closing;
} media_io;

static napi_value number(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

static media_io *io_of(napi_env env) {
  media_io *io = NULL;
  napi_get_instance_data(env, (void **)&io);
  return io;
}

static sock *sock_of(media_io *io, int32_t fd) {
  if (io == NULL || fd < 0 || fd >= io->socks_max || !io->socks[fd].open) return NULL;
  return &io->socks[fd];
}

static bool make_room(media_io *io, int fd) {
  if (fd < io->socks_max) return true;
  int wanted = io->socks_max == 0 ? 1024 : io->socks_max;
  while (wanted <= fd) wanted *= 2;
  sock *grown = realloc(io->socks, wanted * sizeof *grown);
  if (grown == NULL) return false;
  memset(grown + io->socks_max, 0, (wanted - io->socks_max) * sizeof *grown);
  io->socks = grown;
  io->socks_max = wanted;
  return true;
}

/* An IP literal and a port; 0 or a negative errno. */
static int read_endpoint(const char *address, uint32_t port, endpoint *to, socklen_t *octets) {
  char service[8];
  snprintf(service, sizeof service, "%u", port & 0xffff);
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM}, *found = NULL;
  if (getaddrinfo(address, service, &hints, &found) != 0) return -EINVAL;
  memcpy(to, found->ai_addr, found->ai_addrlen);
  *octets = found->ai_addrlen;
  freeaddrinfo(found);
  return 0;
}

static bool same_source(const endpoint *a, const endpoint *b) {
  if (a->any.sa_family != b->any.sa_family) return false;
  if (a->any.sa_family == AF_INET) return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
  return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0 &&
         a->v6.sin6_scope_id == b->v6.sin6_scope_id;
}

static bool add_to(int epoll, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* From now on datagrams are looked for every GATHER_NS, or wake the thread by themselves. What fails leaves it as it was. */
static void gather(media_io *io, bool gathers) {
  struct itimerspec ticks = {.it_interval.tv_nsec = GATHER_NS, .it_value.tv_nsec = GATHER_NS}, never = {0};
  struct epoll_event event = {.events = gathers ? 0 : EPOLLIN, .data.fd = io->sockets};
  if (gathers && timerfd_settime(io->gatherer, 0, &ticks, NULL) != 0) return;
  if (epoll_ctl(io->epoll, EPOLL_CTL_MOD, io->sockets, &event) != 0) return;
  if (!gathers) timerfd_settime(io->gatherer, 0, &never, NULL);
  io->gathers = gathers;
}

/* So many datagrams came: whether it is worth while to gather them. */
static void rate(media_io *io, uint32_t count) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t now_ns = now.tv_sec * 1000000000ull + now.tv_nsec, passed_ns = now_ns - io->rate_from_ns;
  io->rate_count += count;
  if (passed_ns < RATE_NS) return;
  uint64_t a_second = io->rate_count * 1000000000ull / passed_ns;
  bool gathers = a_second >= (io->gathers ? GATHER_DOWN_TO_A_SECOND : GATHER_FROM_A_SECOND);
  if (gathers != io->gathers) gather(io, gathers);
  io->rate_from_ns = now_ns;
  io->rate_count = 0;
}

/* Reads one datagram of each socket that has some into the slots from `count` on; false when none had any. */
static bool read_each(media_io *io, uint32_t *count) {
  struct epoll_event ready[SLOTS];
  int sockets = epoll_wait(io->sockets, ready, SLOTS - *count, 0);
  for (int n = 0; n < sockets; n++) {
    int fd = ready[n].data.fd;
    sock *one = sock_of(io, fd);
    if (one == NULL) continue;
    endpoint *from = &io->from[*count];
    socklen_t from_octets = sizeof *from;
    uint8_t *slot = io->ring + *count * SLOT_OCTETS;
    ssize_t octets = recvfrom(fd, slot, SLOT_OCTETS, MSG_TRUNC, &from->any, &from_octets);
    if (octets < 0 || octets > SLOT_OCTETS) continue;
    bool is_other = !same_source(from, &one->from);
    if (is_other) one->from = *from;
    uint32_t *words = io->words + *count * WORDS;
    words[0] = fd;
    words[1] = octets;
    words[2] = ntohs(from->any.sa_family == AF_INET ? from->v4.sin_port : from->v6.sin6_port);
    words[3] = is_other;
    words[WORD_SEND_ON] = 0;
    (*count)++;
  }
  return sockets > 0;
}

static void on_readable(uv_handle_t *handle, int status, int events) {
  (void)status, (void)events;
  media_io *io = uv_handle_get_data(handle);
  struct epoll_event woke[3];
  bool rang = false;
  for (int n = epoll_wait(io->epoll, woke, 3, 0) - 1; n >= 0; n--) {
    uint64_t times;
    int fd = woke[n].data.fd;
    /* A clock of more than one ring is only set going again by being read. */
    if (fd != io->sockets && read(fd, &times, sizeof times) == sizeof times && fd == io->alarm) rang = true;
  }
  uint32_t count = 0;
  /* Where nothing else wakes the thread, sockets that have more are not left until the next look. */
  for (int looks = 0; looks < SLOTS && count < SLOTS && read_each(io, &count); looks++)
    if (!io->gathers) break;
  rate(io, count);
  if (count == 0 && !rang) return;
  napi_handle_scope scope;
  if (napi_open_handle_scope(io->env, &scope) != napi_ok) return;
  napi_value told, global, arguments[2], thrown;
  napi_get_reference_value(io->env, io->on_ready, &told);
  napi_get_global(io->env, &global);
  napi_create_uint32(io->env, count, &arguments[0]);
  napi_get_boolean(io->env, rang, &arguments[1]);
  if (napi_make_callback(io->env, NULL, global, told, 2, arguments, NULL) == napi_pending_exception &&
      napi_get_and_clear_last_exception(io->env, &thrown) == napi_ok)
    napi_fatal_exception(io->env, thrown);
  napi_close_handle_scope(io->env, scope);
}

static void close_all(media_io *io) {
  const int fds[] = {io->epoll, io->sockets, io->gatherer, io->alarm};
  for (size_t n = 0; n < sizeof fds / sizeof *fds; n++)
    if (fds[n] >= 0) close(fds[n]);
}

static void on_closed(uv_handle_t *handle) {
  media_io *io = uv_handle_get_data(handle);
  free(handle);
  close_all(io);
  free(io->socks);
  napi_remove_async_cleanup_hook(io->cleanup);
  free(io);
}

/* The thread ends, asked to or not: its sockets must not stay. */
static void on_thread_end(napi_async_cleanup_hook_handle cleanup, void *data) {
  (void)cleanup;
  media_io *io = data;
  if (io->closing) return;
  io->closing = true;
  for (int fd = 0; fd < io->socks_max; fd++)
    if (io->socks[fd].open) close(fd);
  io->socks_max = 0;
  uv_close(io->poll, on_closed);
}

/* start(ring, words, onReady): once in a thread. 0 or a negative errno. */
static napi_value start(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  size_t count = 3, ring_octets = 0, words = 0;
  napi_typedarray_type type;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  uv_loop_t *loop = NULL;
  if (io_of(env) != NULL) return number(env, -EALREADY);
  media_io *io = calloc(1, sizeof *io);
  if (io == NULL) return number(env, -ENOMEM);
  io->env = env;
  int failed = 0;
  if (napi_get_buffer_info(env, arguments[0], (void **)&io->ring, &ring_octets) != napi_ok ||
      napi_get_typedarray_info(env, arguments[1], &type, &words, (void **)&io->words, NULL, NULL) != napi_ok ||
      type != napi_uint32_array || ring_octets < SLOTS * SLOT_OCTETS || words < SLOTS * WORDS ||
      napi_create_reference(env, arguments[0], 1, &io->ring_ref) != napi_ok ||
      napi_create_reference(env, arguments[1], 1, &io->words_ref) != napi_ok ||
      napi_create_reference(env, arguments[2], 1, &io->on_ready) != napi_ok ||
      napi_get_uv_event_loop(env, (void *)&loop) != napi_ok)
    failed = -EINVAL;
  io->epoll = failed ? -1 : epoll_create1(EPOLL_CLOEXEC);
  io->sockets = failed ? -1 : epoll_create1(EPOLL_CLOEXEC);
  io->alarm = failed ? -1 : timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  io->gatherer = failed ? -1 : timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (!failed && (io->epoll < 0 || io->sockets < 0 || io->alarm < 0 || io->gatherer < 0 ||
                  !add_to(io->epoll, io->sockets, EPOLLIN) || !add_to(io->epoll, io->alarm, EPOLLIN) ||
                  !add_to(io->epoll, io->gatherer, EPOLLIN)))
    failed = -errno;
  io->poll = failed ? NULL : calloc(1, uv_handle_size(UV_POLL_TYPE));
  if (!failed && io->poll == NULL) failed = -ENOMEM;
  if (!failed) failed = uv_poll_init(loop, io->poll, io->epoll);
  if (failed) {
    close_all(io);
    free(io->poll);
    free(io);
    return number(env, failed);
  }
  uv_handle_set_data(io->poll, io);
  uv_poll_start(io->poll, UV_READABLE_EVENT, on_readable);
  napi_set_instance_data(env, io, NULL, NULL);
  napi_add_async_cleanup_hook(env, on_thread_end, io, &io->cleanup);
  return number(env, 0);
}

/* stop(): closes every socket; the thread may end. */
static napi_value stop(napi_env env, napi_callback_info info) {
  (void)info;
  media_io *io = io_of(env);
  if (io == NULL) return NULL;
  napi_set_instance_data(env, NULL, NULL, NULL);
  on_thread_end(io->cleanup, io);
  return NULL;
}

/* open(address, port): a bound socket, or a negative errno. */
static napi_value open_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2, length = 0;
  uint32_t port = 0;
  char address[64] = "";
  media_io *io = io_of(env);
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_string_utf8(env, arguments[0], address, sizeof address, &length);
  napi_get_value_uint32(env, arguments[1], &port);
  endpoint here;
  socklen_t octets = 0;
  int failed = io == NULL ? -EINVAL : read_endpoint(address, port, &here, &octets);
  if (failed) return number(env, failed);
  int on = 1, fd = socket(here.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return number(env, -errno);
  if ((here.any.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
      bind(fd, &here.any, octets) != 0 || !add_to(io->sockets, fd, EPOLLIN)) {
    failed = -errno;
  } else if (!make_room(io, fd)) {
    failed = -ENOMEM;
  }
  if (failed) {
    close(fd);
    return number(env, failed);
  }
  io->socks[fd] = (sock){.open = true};
  return number(env, fd);
}

/* close(fd) */
static napi_value close_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  size_t count = 1;
  int32_t fd = -1;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_int32(env, arguments[0], &fd);
  sock *one = sock_of(io_of(env), fd);
  if (one == NULL) return NULL;
  one->open = false;
  close(fd);
  return NULL;
}

/* target(fd, address, port): where `send` sends from now on. 0 or a negative errno. */
static napi_value target(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  size_t count = 3, length = 0;
  int32_t fd = -1;
  uint32_t port = 0;
  char address[64] = "";
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_int32(env, arguments[0], &fd);
  napi_get_value_string_utf8(env, arguments[1], address, sizeof address, &length);
  napi_get_value_uint32(env, arguments[2], &port);
  sock *one = sock_of(io_of(env), fd);
  if (one == NULL) return number(env, -EBADF);
  one->to_octets = 0;
  return number(env, read_endpoint(address, port, &one->to, &one->to_octets));
}

/* send(fd, packet): 0 or a negative errno. A packet that finds no room is not kept: late, it would be worth nothing. */
static napi_value send_packet(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2, octets = 0;
  int32_t fd = -1;
  void *packet = NULL;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_int32(env, arguments[0], &fd);
  sock *one = sock_of(io_of(env), fd);
  if (one == NULL) return number(env, -EBADF);
  if (one->to_octets == 0) return number(env, -EDESTADDRREQ);
  if (napi_get_buffer_info(env, arguments[1], &packet, &octets) != napi_ok) return number(env, -EINVAL);
  ssize_t sent = sendto(fd, packet, octets, 0, &one->to.any, one->to_octets);
  return number(env, sent < 0 ? -errno : 0);
}

/*
 * flush(count): sends of the first so many slots those that are to go on, in their order. How many the system refused: these
 * keep their words, with the errno; the words of the others say that they stay.
 */
static napi_value flush(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  size_t arguments_count = 1;
  uint32_t count = 0;
  int32_t failed = 0;
  media_io *io = io_of(env);
  napi_get_cb_info(env, info, &arguments_count, arguments, NULL, NULL);
  napi_get_value_uint32(env, arguments[0], &count);
  if (io == NULL || count > SLOTS) return number(env, -EINVAL);
  for (uint32_t slot = 0; slot < count; slot++) {
    uint32_t *words = io->words + slot * WORDS;
    if (words[WORD_SEND_ON] == 0) continue;
    int32_t fd = words[WORD_SEND_ON] - 1;
    sock *one = sock_of(io, fd);
    int problem = 0;
    if (one == NULL || one->to_octets == 0 || words[1] > SLOT_OCTETS) problem = EDESTADDRREQ;
    else if (sendto(fd, io->ring + slot * SLOT_OCTETS, words[1], 0, &one->to.any, one->to_octets) < 0) problem = errno;
    if (problem == 0) {
      words[WORD_SEND_ON] = 0;
    } else {
      words[WORD_ERRNO] = problem;
      failed++;
    }
  }
  return number(env, failed);
}

/* alarm(ms): rings once at this moment of process.hrtime(), at once when it is past; 0: not at all. */
static napi_value set_alarm(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  size_t count = 1;
  double at_ms = 0;
  media_io *io = io_of(env);
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_double(env, arguments[0], &at_ms);
  if (io == NULL || !(at_ms >= 0)) return number(env, -EINVAL);
  time_t seconds = at_ms / 1000;
  long nanoseconds = (at_ms - seconds * 1000.0) * 1e6;
  struct itimerspec at = {.it_value = {.tv_sec = seconds, .tv_nsec = nanoseconds}};
  return number(env, timerfd_settime(io->alarm, TFD_TIMER_ABSTIME, &at, NULL) == 0 ? 0 : -errno);
}

/* source(slot): the address that the datagram in a slot came from, as text. */
static napi_value source(napi_env env, napi_callback_info info) {
  napi_value arguments[1], text = NULL;
  size_t count = 1;
  uint32_t slot = SLOTS;
  char address[NI_MAXHOST] = "";
  media_io *io = io_of(env);
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_uint32(env, arguments[0], &slot);
  if (io != NULL && slot < SLOTS) {
    const endpoint *from = &io->from[slot];
    socklen_t octets = from->any.sa_family == AF_INET ? sizeof from->v4 : sizeof from->v6;
    getnameinfo(&from->any, octets, address, sizeof address, NULL, 0, NI_NUMERICHOST);
  }
  napi_create_string_utf8(env, address, NAPI_AUTO_LENGTH, &text);
  return text;
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function);
  napi_set_named_property(env, exports, name, function);
}

static void export_number(napi_env env, napi_value exports, const char *name, int32_t value) {
  napi_set_named_property(env, exports, name, number(env, value));
}

NAPI_MODULE_INIT() {
  export_number(env, exports, "version", VERSION);
  export_number(env, exports, "slots", SLOTS);
  export_number(env, exports, "slotOctets", SLOT_OCTETS);
  export_number(env, exports, "words", WORDS);
  export_function(env, exports, "start", start);
  export_function(env, exports, "stop", stop);
  export_function(env, exports, "open", open_socket);
  export_function(env, exports, "close", close_socket);
  export_function(env, exports, "target", target);
  export_function(env, exports, "send", send_packet);
  export_function(env, exports, "flush", flush);
  export_function(env, exports, "alarm", set_alarm);
  export_function(env, exports, "source", source);
  return exports;
}
