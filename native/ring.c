/*
 * The ring of datagrams that JavaScript sees: filled from all sockets and told in one call; what goes on from there leaves in
 * one call too.
 */
#include "media-io.h"

#include <errno.h>
#include <netdb.h>
#include <sys/epoll.h>

/* Datagrams that pass in one wake-up, after which the thread's other work has its turn. */
enum { PASSED_MAX = 512 };

/* The datagram in a slot is to be told. */
static void tell(media_io *io, sock *one, int fd, uint32_t slot, size_t octets) {
  const endpoint *from = &io->from[slot];
  bool is_other = !same_source(from, &one->from);
  if (is_other) one->from = *from;
  uint32_t *words = io->words + slot * WORDS;
  words[0] = fd;
  words[1] = octets;
  words[2] = port_of(from);
  words[3] = is_other;
  words[WORD_SEND_ON] = 0;
}

/* Reads one datagram of each socket that has some, which passes or fills the next slot; false when none had any. */
static bool read_each(media_io *io, double at_ms, uint32_t *count, uint32_t *passing) {
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
    if (pass_on(io, one, slot, octets, from, at_ms)) (*passing)++;
    else tell(io, one, fd, (*count)++, octets);
  }
  return sockets > 0;
}

void on_readable(uv_handle_t *handle, int status, int events) {
  (void)status, (void)events;
  media_io *io = uv_handle_get_data(handle);
  bool rang = woken_by_alarm(io);
  uint32_t count = 0, passing = 0;
  uint64_t now_ns = clock_ns();
  /* Where nothing else wakes the thread, sockets that have more are not left until the next look. */
  for (int looks = 0; looks < SLOTS && count < SLOTS && passing < PASSED_MAX; looks++)
    if (!read_each(io, now_ns / 1e6, &count, &passing) || !io->gathers) break;
  rate(io, count + passing, now_ns);
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

/*
 * arrive(fd, octets, address, port, at): does with the datagram in the first slot what is done with one that came from there at
 * that moment, for tests. 1: it passed; 0: it is to be told; or a negative errno.
 */
napi_value arrive(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t count = 5, length = 0;
  int32_t fd = -1;
  uint32_t octets = 0, port = 0;
  char address[64] = "";
  double at_ms = 0;
  media_io *io = io_of(env);
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_int32(env, arguments[0], &fd);
  napi_get_value_uint32(env, arguments[1], &octets);
  napi_get_value_string_utf8(env, arguments[2], address, sizeof address, &length);
  napi_get_value_uint32(env, arguments[3], &port);
  napi_get_value_double(env, arguments[4], &at_ms);
  sock *one = sock_of(io, fd);
  if (one == NULL || octets > SLOT_OCTETS) return number(env, -EINVAL);
  socklen_t from_octets = 0;
  int failed = read_endpoint(address, port, &io->from[0], &from_octets);
  if (failed) return number(env, failed);
  if (pass_on(io, one, io->ring, octets, &io->from[0], at_ms)) return number(env, 1);
  tell(io, one, fd, 0, octets);
  return number(env, 0);
}

/*
 * flush(count): sends of the first so many slots those that are to go on, in their order. How many the system refused: these
 * keep their words, with the errno; the words of the others say that they stay.
 */
napi_value flush(napi_env env, napi_callback_info info) {
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

/* source(slot): the address that the datagram in a slot came from, as text. */
napi_value source(napi_env env, napi_callback_info info) {
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
