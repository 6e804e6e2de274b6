/*
 * UDP for the media threads: what Node's dgram does for a packet in 9 µs, done in 3. Sockets are file descriptors in one
 * epoll set, which libuv watches; whatever is there is read into a ring that JavaScript sees, and told in one call. What goes
 * on from there leaves in one call too; any other packet in the call that says so. An alarm in the same set wakes the thread.
 *
 * This file begins and ends it in a thread, and names what JavaScript may call; sockets.c, ring.c, wake.c and bypass.c do the
 * rest.
 *
 * The files are compiled by native/build.mjs, and done without where there is no compiler (src/media/media-worker-dgram.ts).
 * Every failure of the system comes back as a negative errno; nothing throws.
 */
#include "media-io.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Told to JavaScript, which refuses a binary that was built from another version of these files. */
enum { VERSION = 5 };

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
  export_function(env, exports, "pass", pass);
  export_function(env, exports, "passed", passed);
  export_function(env, exports, "arrive", arrive);
  export_function(env, exports, "alarm", set_alarm);
  export_function(env, exports, "source", source);
  return exports;
}
