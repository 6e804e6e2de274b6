/**
 * What one peer said about its audio, read from its SDP: enough to send to it and to know what it may send.
 */
import type { CodecName } from '../audio/codec.ts';

/** Where RTP is sent: an IP literal and a UDP port (1–65535; 0 means the peer refused the stream). */
export type RtpAddress = { readonly address: string; readonly port: number };

/** A codec under the payload type number this peer gave it (RFC 3551 §3: 0–127). */
export type NegotiatedCodec = { readonly name: CodecName; readonly payloadType: number };

/** One peer's audio stream as negotiated (RFC 3264). */
export type RemoteMedia = {
  readonly rtp: RtpAddress;
  /** In the peer's order of preference, never empty; the first is what we send. */
  readonly codecs: readonly NegotiatedCodec[];
  /** RFC 4733 telephone-event, or null when it was not negotiated. */
  readonly telephoneEventPayloadType: number | null;
  /** Seen from the peer: `recvonly` hears us and says nothing. */
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
};
