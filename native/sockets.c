/* Sockets by file descriptor: opened in the epoll set of all, sent from, closed. */
#include "media-io.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

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
int read_endpoint(const char *address, uint32_t port, endpoint *to, socklen_t *octets) {
  char service[8];
  snprintf(service, sizeof service, "%u", port & 0xffff);
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM}, *found = NULL;
  if (getaddrinfo(address, service, &hints, &found) != 0) return -EINVAL;
  memcpy(to, found->ai_addr, found->ai_addrlen);
  *octets = found->ai_addrlen;
  freeaddrinfo(found);
  return 0;
}

/* open(address, port): a bound socket, or a negative errno. */
napi_value open_socket(napi_env env, napi_callback_info info) {
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
napi_value close_socket(napi_env env, napi_callback_info info) {
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
napi_value target(napi_env env, napi_callback_info info) {
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
napi_value send_packet(napi_env env, napi_callback_info info) {
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
