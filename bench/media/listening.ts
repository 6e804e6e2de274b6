/** What it costs to listen for a greeting, beside nothing: CPU of this thread for packets that lie ready. */
import { type CodecName, LAWS } from '../../src/audio/codec.ts';
import { createG722Encoder } from '../../src/audio/g722/g722.ts';
import type { MonotonicMs } from '../../src/base/clock.ts';
import { CalleeEar } from '../../src/media/greeting/callee-ear.ts';
import { packetTemplate, RTP_HEADER_OCTETS } from '../../src/media/rtp-packet.ts';
import { spokenGreeting } from '../../src/testing/spoken-greeting.ts';
import { figure, type Row } from './table.ts';

export const LISTENING_COLUMNS = ['greeting', 'packets', 'µs of CPU a packet'] as const;

const FRAME_OCTETS = 160;
/** Speech without a pause that ends it, so that the ear never has done. */
const SPEECH_MS = 2000;
const PACKETS = 400_000;
const PAYLOAD_TYPES = { PCMA: 8, PCMU: 0, G722: 9 } as const;

/** One row: packets of 20 ms in one codec. */
export function listening(codec: keyof typeof PAYLOAD_TYPES): Row {
  const payloadType = PAYLOAD_TYPES[codec];
  const speech = spokenGreeting(SPEECH_MS);
  const octets = encoded(codec, speech);
  const packets = Array.from({ length: octets.length / FRAME_OCTETS }, (_, n) => {
    const packet = packetTemplate(payloadType, FRAME_OCTETS);
    packet.set(octets.subarray(n * FRAME_OCTETS, (n + 1) * FRAME_OCTETS), RTP_HEADER_OCTETS);
    return packet;
  });
  const silent = () => undefined;
  const ear = new CalleeEar(true, { onSpeech: silent, onQuiet: silent, onKey: silent });
  ear.describe({
    rtp: { address: '127.0.0.1', port: 4000 },
    codecs: [{ name: codec as CodecName, payloadType }],
    telephoneEventPayloadType: null,
    direction: 'sendrecv',
  });
  const run = (count: number) => {
    for (let n = 0; n < count; n += 1)
      ear.take(packets[n % packets.length] as Buffer, FRAME_OCTETS, false, (n * 20) as MonotonicMs);
  };
  run(PACKETS / 4);
  const before = process.cpuUsage();
  run(PACKETS);
  const { user, system } = process.cpuUsage(before);
  return [codec, String(PACKETS), figure((user + system) / PACKETS, 2)];
}

function encoded(codec: keyof typeof PAYLOAD_TYPES, speech: Int16Array): Uint8Array {
  if (codec !== 'G722') return LAWS[codec].encode(speech);
  return createG722Encoder()(Int16Array.from({ length: 2 * speech.length }, (_, i) => speech[i >> 1] as number));
}
