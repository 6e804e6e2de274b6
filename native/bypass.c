/*
 * Packets that only pass are not even told: JavaScript opens a passage for a stream whose next header is foretold by its last
 * (RFC 3550 §5.1: the next sequence number, the timestamp one packet on, all else the same). A datagram that is that packet to
 * the octet gets the header foretold for the stream it goes into, and leaves. Any other closes the passage and is told. Nothing
 * else in the add-on knows what RTP is, and nothing is decided.
 */
#include "media-io.h"

#include <errno.h>

/* After a pause of so long JavaScript looks at the next packet itself. */
static const double PAUSE_MS_MAX = 1000;

/* Makes a header that of the packet after it. */
static void step(uint8_t *header, uint32_t ticks) {
  uint16_t sequence;
  uint32_t timestamp;
  memcpy(&sequence, header + 2, sizeof sequence);
  memcpy(&timestamp, header + 4, sizeof timestamp);
  sequence = htons(ntohs(sequence) + 1);
  timestamp = htonl(ntohl(timestamp) + ticks);
  memcpy(header + 2, &sequence, sizeof sequence);
  memcpy(header + 4, &timestamp, sizeof timestamp);
}

/* Sends a datagram on when it is the one that the passage of its socket waits for; false, and as it was: it is to be told. */
bool pass_on(media_io *io, sock *one, uint8_t *packet, size_t octets, const endpoint *from, double at_ms) {
  passage *way = &one->passage;
  if (!way->open) return false;
  sock *out = sock_of(io, way->out);
  if (octets != way->octets || memcmp(packet, way->comes, HEADER_OCTETS) != 0 || !same_source(from, &one->passes_from) ||
      port_of(from) != port_of(&one->passes_from) || at_ms - way->at_ms > PAUSE_MS_MAX || out == NULL ||
      out->to_octets == 0) {
    way->open = false;
    return false;
  }
  memcpy(packet, way->leaves, HEADER_OCTETS);
  if (sendto(way->out, packet, octets, 0, &out->to.any, out->to_octets) < 0) {
    memcpy(packet, way->comes, HEADER_OCTETS);
    way->open = false;
    return false;
  }
  step(way->comes, way->ticks);
  step(way->leaves, way->ticks);
  double arrived_ticks = (at_ms - way->at_ms) * way->clock_rate_hz / 1000, change = arrived_ticks - way->ticks;
  way->jitter += ((change < 0 ? -change : change) - way->jitter) / 16;
  way->at_ms = at_ms;
  way->packets++;
  return true;
}

/* The memory of a typed array of at least so many octets; NULL for any other. */
static void *octets_of(napi_env env, napi_value array, size_t wanted) {
  napi_typedarray_type type;
  size_t length = 0;
  void *octets = NULL;
  if (napi_get_typedarray_info(env, array, &type, &length, &octets, NULL, NULL) != napi_ok) return NULL;
  return length * (type == napi_float64_array ? sizeof(double) : 1) >= wanted ? octets : NULL;
}

/*
 * pass(fd, slot, out, headers, figures): from here on the packets on `fd` that follow the one that came in `slot` leave by
 * `out`, to where it sends. `headers`: of that packet as it came, and as it left. `figures`, of doubles: octets of a packet,
 * ticks in it, clock rate in Hz, when it came, jitter in ticks. 0 or a negative errno.
 */
napi_value pass(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t count = 5;
  int32_t fd = -1, out = -1;
  uint32_t slot = SLOTS;
  media_io *io = io_of(env);
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_int32(env, arguments[0], &fd);
  napi_get_value_uint32(env, arguments[1], &slot);
  napi_get_value_int32(env, arguments[2], &out);
  const uint8_t *headers = octets_of(env, arguments[3], 2 * HEADER_OCTETS);
  const double *figures = octets_of(env, arguments[4], 5 * sizeof *figures);
  sock *one = sock_of(io, fd);
  if (one == NULL || sock_of(io, out) == NULL) return number(env, -EBADF);
  if (slot >= SLOTS || headers == NULL || figures == NULL) return number(env, -EINVAL);
  if (!(figures[0] >= HEADER_OCTETS && figures[0] <= SLOT_OCTETS && figures[1] >= 0 && figures[1] <= INT32_MAX))
    return number(env, -EINVAL);
  passage *way = &one->passage;
  *way = (passage){.open = true, .out = out, .octets = figures[0], .ticks = figures[1], .clock_rate_hz = figures[2]};
  way->at_ms = figures[3];
  way->jitter = figures[4];
  memcpy(way->comes, headers, HEADER_OCTETS);
  memcpy(way->leaves, headers + HEADER_OCTETS, HEADER_OCTETS);
  step(way->comes, way->ticks);
  step(way->leaves, way->ticks);
  one->passes_from = io->from[slot];
  return number(env, 0);
}

/*
 * passed(fd, closes, figures): how many packets passed since it was asked last, with the moment of the latest and the jitter in
 * the first two figures. `closes`: every packet is told again.
 */
napi_value passed(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  size_t count = 3;
  int32_t fd = -1;
  bool closes = true;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_int32(env, arguments[0], &fd);
  napi_get_value_bool(env, arguments[1], &closes);
  double *figures = octets_of(env, arguments[2], 2 * sizeof *figures);
  sock *one = sock_of(io_of(env), fd);
  if (one == NULL || figures == NULL) return number(env, 0);
  passage *way = &one->passage;
  int32_t packets = way->packets;
  figures[0] = way->at_ms;
  figures[1] = way->jitter;
  way->packets = 0;
  if (closes) way->open = false;
  return number(env, packets);
}
