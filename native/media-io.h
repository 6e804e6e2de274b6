/*
 * What the files of the add-on share: the state of a thread, its sockets, and what each file does for the others. What is
 * asked of every packet is here whole, so that it costs no call.
 */
#ifndef MEDIA_IO_H
#define MEDIA_IO_H

#define _GNU_SOURCE
#include <netinet/in.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

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

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} endpoint;

/* Octets of an RTP header without contributing sources and extension. */
enum { HEADER_OCTETS = 12 };

typedef struct {
  bool open;
  /* The socket that they leave by. */
  int out;
  /* Octets of a datagram, and ticks of the timestamp from one to the next. */
  uint32_t octets, ticks;
  double clock_rate_hz;
  /* The header of the next packet as it must come, and as it leaves. */
  uint8_t comes[HEADER_OCTETS], leaves[HEADER_OCTETS];
  /* Since JavaScript asked last. */
  uint32_t packets;
  /* When the latest came, and the interarrival jitter with it, in ticks (RFC 3550 §A.8). */
  double at_ms, jitter;
} passage;

typedef struct {
  /* Where packets go, and its size; 0: nowhere yet. */
  endpoint to;
  socklen_t to_octets;
  /* Where the latest datagram that was told came from. */
  endpoint from;
  bool open;
  /* What need not be told, and the one source that it comes from. */
  passage passage;
  endpoint passes_from;
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
  /* Datagrams that came since this moment of the monotonic clock. */
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

static inline napi_value number(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

static inline media_io *io_of(napi_env env) {
  media_io *io = NULL;
  napi_get_instance_data(env, (void **)&io);
  return io;
}

static inline sock *sock_of(media_io *io, int32_t fd) {
  if (io == NULL || fd < 0 || fd >= io->socks_max || !io->socks[fd].open) return NULL;
  return &io->socks[fd];
}

static inline bool same_source(const endpoint *a, const endpoint *b) {
  if (a->any.sa_family != b->any.sa_family) return false;
  if (a->any.sa_family == AF_INET) return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
  return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0 &&
         a->v6.sin6_scope_id == b->v6.sin6_scope_id;
}

static inline uint16_t port_of(const endpoint *one) {
  return ntohs(one->any.sa_family == AF_INET ? one->v4.sin_port : one->v6.sin6_port);
}

/* sockets.c */

/* An IP literal and a port; 0 or a negative errno. */
int read_endpoint(const char *address, uint32_t port, endpoint *to, socklen_t *octets);
napi_value open_socket(napi_env env, napi_callback_info info);
napi_value close_socket(napi_env env, napi_callback_info info);
napi_value target(napi_env env, napi_callback_info info);
napi_value send_packet(napi_env env, napi_callback_info info);

/* bypass.c */

/* Sends a datagram on when it is the one that the passage of its socket waits for; false, and as it was: it is to be told. */
bool pass_on(media_io *io, sock *one, uint8_t *packet, size_t octets, const endpoint *from, double at_ms);
napi_value pass(napi_env env, napi_callback_info info);
napi_value passed(napi_env env, napi_callback_info info);

/* wake.c */

bool add_to(int epoll, int fd, uint32_t events);
/* The moment of process.hrtime(). */
uint64_t clock_ns(void);
/* So many datagrams came: whether it is worth while to gather them. */
void rate(media_io *io, uint32_t count, uint64_t now_ns);
/* What woke the thread; true when the alarm rang. */
bool woken_by_alarm(media_io *io);
napi_value set_alarm(napi_env env, napi_callback_info info);

/* ring.c */

void on_readable(uv_handle_t *handle, int status, int events);
napi_value flush(napi_env env, napi_callback_info info);
napi_value source(napi_env env, napi_callback_info info);
napi_value arrive(napi_env env, napi_callback_info info);

#endif
