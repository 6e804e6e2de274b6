/**
 * Whether a relay that changes nothing in a packet can couple two peers: both must mean the same by every payload type
 * number that the other may send. What cannot be is relayed by Brusio, which translates.
 */
import type { PayloadNumbers, RemoteMedia } from '../../call/remote-media.ts';

/** Why two peers cannot be coupled directly. */
export type Hindrance = 'not-described' | 'srtp' | 'fax' | 'on-hold' | 'payload-numbers' | 'packet-time' | 'rtcp-mux';

/** The packet time of one who says nothing (RFC 3551 §4.2). */
const DEFAULT_PTIME_MS = 20;

/** Null: nothing hinders it. */
export function hindrance(dialer: RemoteMedia, callee: RemoteMedia): Hindrance | null {
  // Brusio has the keys: to rtpengine a protected leg is packets like any other.
  if (dialer.srtp !== undefined || callee.srtp !== undefined) return 'srtp';
  if (dialer.udptl === true || callee.udptl === true) return 'fax';
  if (dialer.direction !== 'sendrecv' || callee.direction !== 'sendrecv') return 'on-hold';
  if (!canSendTo(dialer) || !canSendTo(callee)) return 'on-hold';
  if (!understands(dialer, callee) || !understands(callee, dialer)) return 'payload-numbers';
  if (!takesPackets(dialer, callee) || !takesPackets(callee, dialer)) return 'packet-time';
  // rtpengine 10.5 then sends each peer its RTCP the other one's way.
  return (dialer.rtcpMux ?? false) === (callee.rtcpMux ?? false) ? null : 'rtcp-mux';
}

/** Whether a peer named a place: port 0 refuses (RFC 3264 §6), 0.0.0.0 is a hold of the old kind (§8.4). */
export function canSendTo({ rtp }: Pick<RemoteMedia, 'rtp'>): boolean {
  return rtp.port !== 0 && rtp.address !== '0.0.0.0' && rtp.address !== '::';
}

/** Every number that `sender` may use means the same to `receiver`. */
function understands(receiver: RemoteMedia, sender: RemoteMedia): boolean {
  const meanings = meaningsOf(receiver);
  return [...meaningsOf(sender.sendsAs ?? sender)].every(([number, meaning]) => meanings.get(number) === meaning);
}

function meaningsOf(numbers: PayloadNumbers): Map<number, string> {
  const meanings = new Map<number, string>(numbers.codecs.map(({ name, payloadType }) => [payloadType, name]));
  const events = [
    [numbers.telephoneEventPayloadType, 'telephone-event/8000'],
    [numbers.telephoneEvent48kPayloadType ?? null, 'telephone-event/48000'],
  ] as const;
  for (const [number, meaning] of events) if (number !== null) meanings.set(number, meaning);
  return meanings;
}

/** The packets that `sender` is asked for as a rule are not longer than `receiver` takes, and as long as it would like. */
function takesPackets(receiver: RemoteMedia, sender: RemoteMedia): boolean {
  const ptimeMs = receiver.ptimeMs ?? DEFAULT_PTIME_MS;
  return ptimeMs === (sender.ptimeMs ?? DEFAULT_PTIME_MS) && ptimeMs <= (receiver.maxptimeMs ?? ptimeMs);
}
