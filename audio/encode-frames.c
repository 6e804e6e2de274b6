/*
 * Encodes or decodes a loop of sound by the libraries for which Brusio has no code of its own, when clips are built:
 *
 *   encode-frames encode opus|g729 < samples > frames     samples: 16 bits, little endian, mono; opus 16 kHz, g729 8 kHz
 *   encode-frames decode opus|g729 < frames > samples     frames of 20 ms, end to end, as RTP carries them
 *
 * The loop goes through twice and the second pass is kept, so that the coder comes to the beginning from the end; it is
 * turned by the coder's delay, so that what is decoded stands where it stood.
 *
 *   cc -O2 -o encode-frames encode-frames.c -lopus -lbcg729 -lm
 */
#include <bcg729/decoder.h>
#include <bcg729/encoder.h>
#include <opus/opus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPUS_RATE_HZ 16000
#define OPUS_FRAME_SAMPLES 320
/* 16 kbit/s, what RFC 7587 §3.1.1 recommends for wideband speech; hard CBR, so that every frame has 40 octets. */
#define OPUS_BITS_PER_SECOND 16000
#define OPUS_FRAME_OCTETS 40
/* G.729 has frames of 10 ms; RTP carries two. Its encoder looks 5 ms ahead (G.729 §2.5). */
#define G729_FRAME_SAMPLES 80
#define G729_FRAME_OCTETS 10
#define G729_DELAY_SAMPLES 40

static void fail(const char *why) {
  fprintf(stderr, "encode-frames: %s\n", why);
  exit(1);
}

/* All of standard input; the number of octets in *length. */
static unsigned char *read_all(size_t *length) {
  size_t room = 1 << 20;
  unsigned char *all = malloc(room);
  *length = 0;
  for (;;) {
    if (all == NULL) fail("out of memory");
    size_t got = fread(all + *length, 1, room - *length, stdin);
    *length += got;
    if (got == 0) return all;
    if (*length == room) all = realloc(all, room *= 2);
  }
}

static void encode_opus(const opus_int16 *loop, size_t count) {
  int problem;
  opus_int32 delay;
  /* CELT throughout: a change to SILK and back, by what sounds, would be heard as a change of place. */
  OpusEncoder *encoder = opus_encoder_create(OPUS_RATE_HZ, 1, OPUS_APPLICATION_RESTRICTED_LOWDELAY, &problem);
  if (problem != OPUS_OK) fail(opus_strerror(problem));
  opus_encoder_ctl(encoder, OPUS_SET_BITRATE(OPUS_BITS_PER_SECOND));
  opus_encoder_ctl(encoder, OPUS_SET_VBR(0));
  opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(10));
  /* Nor a change of bandwidth. */
  opus_encoder_ctl(encoder, OPUS_SET_BANDWIDTH(OPUS_BANDWIDTH_WIDEBAND));
  opus_encoder_ctl(encoder, OPUS_GET_LOOKAHEAD(&delay));
  for (size_t at = 0; at < 2 * count; at += OPUS_FRAME_SAMPLES) {
    opus_int16 frame[OPUS_FRAME_SAMPLES];
    unsigned char octets[OPUS_FRAME_OCTETS];
    for (size_t i = 0; i < OPUS_FRAME_SAMPLES; i++) frame[i] = loop[(at + delay + i) % count];
    if (opus_encode(encoder, frame, OPUS_FRAME_SAMPLES, octets, OPUS_FRAME_OCTETS) != OPUS_FRAME_OCTETS) {
      fail("an Opus frame of another length than 40 octets");
    }
    if (at >= count) fwrite(octets, 1, OPUS_FRAME_OCTETS, stdout);
  }
}

static void decode_opus(const unsigned char *loop, size_t octets) {
  int problem;
  OpusDecoder *decoder = opus_decoder_create(OPUS_RATE_HZ, 1, &problem);
  if (problem != OPUS_OK) fail(opus_strerror(problem));
  for (size_t at = 0; at < 2 * octets; at += OPUS_FRAME_OCTETS) {
    opus_int16 frame[OPUS_FRAME_SAMPLES];
    int got = opus_decode(decoder, loop + at % octets, OPUS_FRAME_OCTETS, frame, OPUS_FRAME_SAMPLES, 0);
    if (got != OPUS_FRAME_SAMPLES) fail("an Opus frame of another length than 20 ms");
    if (at >= octets) fwrite(frame, sizeof(opus_int16), OPUS_FRAME_SAMPLES, stdout);
  }
}

static void encode_g729(const opus_int16 *loop, size_t count) {
  bcg729EncoderChannelContextStruct *encoder = initBcg729EncoderChannel(0 /* no Annex B */);
  for (size_t at = 0; at < 2 * count; at += G729_FRAME_SAMPLES) {
    int16_t frame[G729_FRAME_SAMPLES];
    uint8_t octets[G729_FRAME_OCTETS];
    uint8_t length = 0;
    for (size_t i = 0; i < G729_FRAME_SAMPLES; i++) frame[i] = loop[(at + G729_DELAY_SAMPLES + i) % count];
    bcg729Encoder(encoder, frame, octets, &length);
    if (length != G729_FRAME_OCTETS) fail("a G.729 frame of another length than 10 octets");
    if (at >= count) fwrite(octets, 1, G729_FRAME_OCTETS, stdout);
  }
}

static void decode_g729(const unsigned char *loop, size_t octets) {
  bcg729DecoderChannelContextStruct *decoder = initBcg729DecoderChannel();
  for (size_t at = 0; at < 2 * octets; at += G729_FRAME_OCTETS) {
    int16_t frame[G729_FRAME_SAMPLES];
    bcg729Decoder(decoder, loop + at % octets, G729_FRAME_OCTETS, 0, 0, 0, frame);
    if (at >= octets) fwrite(frame, sizeof(int16_t), G729_FRAME_SAMPLES, stdout);
  }
}

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[1], "version") == 0) {
    printf("%s\n", opus_get_version_string());
    return 0;
  }
  if (count != 3) fail("usage: encode-frames encode|decode opus|g729");
  size_t length;
  unsigned char *input = read_all(&length);
  int opus = strcmp(arguments[2], "opus") == 0;
  size_t whole = opus ? OPUS_FRAME_SAMPLES : 2 * G729_FRAME_SAMPLES;
  if (strcmp(arguments[1], "encode") == 0) {
    if (length == 0 || length % (2 * whole) != 0) fail("not whole frames of 20 ms");
    (opus ? encode_opus : encode_g729)((const opus_int16 *)input, length / 2);
  } else {
    if (length == 0 || length % (opus ? OPUS_FRAME_OCTETS : 2 * G729_FRAME_OCTETS) != 0) fail("not whole frames");
    (opus ? decode_opus : decode_g729)(input, length);
  }
  return fflush(stdout) == 0 ? 0 : 1;
}
