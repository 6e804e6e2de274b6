/* What the machine lets anybody do: one thread, plain system calls, a G.711 packet of 20 ms. Prints µs of CPU. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OCTETS = 172, SENDS = 200000, ROUNDS = 1000, SOCKETS = 100 };

static double cpu_us(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

static int bound(struct sockaddr_in *address) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  socklen_t length = sizeof *address;
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (fd < 0 || bind(fd, (void *)address, length) != 0 || getsockname(fd, (void *)address, &length) != 0) exit(1);
  return fd;
}

int main(void) {
  static char packet[OCTETS], heard[2048];
  struct sockaddr_in from, to, sinks, relays[SOCKETS], source;
  int sender = bound(&from), unread = bound(&to), sink = bound(&sinks), one = 1, poll = epoll_create1(0);
  setsockopt(unread, SOL_SOCKET, SO_RCVBUF, &one, sizeof one);
  setsockopt(sink, SOL_SOCKET, SO_RCVBUF, &one, sizeof one);
  double before = cpu_us();
  for (int n = 0; n < SENDS; n++) sendto(sender, packet, OCTETS, 0, (void *)&to, sizeof to);
  printf("%.3f ", (cpu_us() - before) / SENDS);

  /* A relay's work: a packet waits on each of many sockets, each is found by epoll, read and sent on. */
  for (int n = 0; n < SOCKETS; n++) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = bound(&relays[n])};
    epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event);
  }
  double relayed = 0;
  for (int round = 0; round < ROUNDS; round++) {
    for (int n = 0; n < SOCKETS; n++) sendto(sender, packet, OCTETS, 0, (void *)&relays[n], sizeof from);
    before = cpu_us();
    struct epoll_event events[SOCKETS];
    int ready = epoll_wait(poll, events, SOCKETS, 0);
    for (int n = 0; n < ready; n++) {
      socklen_t length = sizeof source;
      ssize_t octets = recvfrom(events[n].data.fd, heard, sizeof heard, 0, (void *)&source, &length);
      if (octets > 0) sendto(events[n].data.fd, heard, octets, 0, (void *)&sinks, sizeof sinks);
    }
    relayed += cpu_us() - before;
  }
  printf("%.3f\n", relayed / (ROUNDS * SOCKETS));
  return 0;
}
