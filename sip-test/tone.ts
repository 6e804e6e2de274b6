/**
 * What the agent and the callee say in these tests: steady tones, whose every 20 ms frame is the same octets, so that
 * a relayed packet is recognised to the bit and never taken for ambience.
 */

/** Octets of one 20 ms frame of G.711. */
export const FRAME_OCTETS = 160;

/** ITU-T G.711 Table 5: the A-law sequence of a 1 kHz sine at 0 dBm0. */
const DIGITAL_MILLIWATT = [0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4];

/** The agent: 1 kHz. */
export const AGENT_FRAME = frameOf(DIGITAL_MILLIWATT);

/** The callee: the same with every sample twice, 500 Hz. */
export const CALLEE_FRAME = frameOf(DIGITAL_MILLIWATT.flatMap((octet) => [octet, octet]));

/** Who made a sound. `silence` is digital: one octet all along. */
export type Sound = 'agent' | 'callee' | 'silence' | 'other';

/** Whose sound a G.711 payload is; ambience is `other`. */
export function soundOf(payload: Uint8Array): Sound {
  if (AGENT_FRAME.equals(payload)) return 'agent';
  if (CALLEE_FRAME.equals(payload)) return 'callee';
  return payload.every((octet) => octet === payload[0]) ? 'silence' : 'other';
}

function frameOf(period: readonly number[]): Buffer {
  return Buffer.from(Array.from({ length: FRAME_OCTETS }, (_, index) => period[index % period.length] ?? 0));
}
