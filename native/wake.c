/* What wakes the thread, and how often: its datagrams, or a clock while they are many; an alarm at a moment of its own. */
#include "media-io.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

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

bool add_to(int epoll, int fd, uint32_t events) {
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

/* The moment of process.hrtime(). */
uint64_t clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* So many datagrams came: whether it is worth while to gather them. */
void rate(media_io *io, uint32_t count, uint64_t now_ns) {
  uint64_t passed_ns = now_ns - io->rate_from_ns;
  io->rate_count += count;
  if (passed_ns < RATE_NS) return;
  uint64_t a_second = io->rate_count * 1000000000ull / passed_ns;
  bool gathers = a_second >= (io->gathers ? GATHER_DOWN_TO_A_SECOND : GATHER_FROM_A_SECOND);
  if (gathers != io->gathers) gather(io, gathers);
  io->rate_from_ns = now_ns;
  io->rate_count = 0;
}

/* What woke the thread; true when the alarm rang. */
bool woken_by_alarm(media_io *io) {
  struct epoll_event woke[3];
  bool rang = false;
  for (int n = epoll_wait(io->epoll, woke, 3, 0) - 1; n >= 0; n--) {
    uint64_t times;
    int fd = woke[n].data.fd;
    /* A clock of more than one ring is only set going again by being read. */
    if (fd != io->sockets && read(fd, &times, sizeof times) == sizeof times && fd == io->alarm) rang = true;
  }
  return rang;
}

/* alarm(ms): rings once at this moment of process.hrtime(), at once when it is past; 0: not at all. */
napi_value set_alarm(napi_env env, napi_callback_info info) {
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
