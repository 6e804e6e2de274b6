/**
 * What one peer said about its audio, read from its SDP: enough to send to it and to know what it may send.
 */
import type { CodecName } from '../audio/codec.ts';
import type { SrtpKeys } from './srtp.ts';

/** Where RTP is sent: an IP literal and a UDP port (1–65535; 0 means the peer refused the stream). */
export type RtpAddress = { readonly address: string; readonly port: number };

/** A codec under the payload type number this peer gave it (RFC 3551 §3: 0–127). */
export type NegotiatedCodec = { readonly name: CodecName; readonly payloadType: number };

/** Payload type numbers as one description gives them. */
export type PayloadNumbers = {
  /** In the describing peer's order of preference, never empty; the first is what we send. */
  readonly codecs: readonly NegotiatedCodec[];
  /** RFC 4733 telephone-event with a clock of 8000 Hz, or null when it was not negotiated. */
  readonly telephoneEventPayloadType: number | null;
  /** The same with the clock of Opus, 48000 Hz (RFC 4733 §2.1: events tick as the audio beside them). */
  readonly telephoneEvent48kPayloadType?: number | null;
};

/** One peer's audio stream as negotiated (RFC 3264). The numbers are those it receives under: what we send carries them. */
export type RemoteMedia = PayloadNumbers & {
  readonly rtp: RtpAddress;
  /**
   * The numbers of our own description, under which the peer sends (RFC 3264 §5.1, §6.1); absent where they are the same
   * as the peer's, as in an answer of ours.
   */
  readonly sendsAs?: PayloadNumbers;
  /** Where RTCP is sent (`a=rtcp`, RFC 3605); absent: the port above RTP's. */
  readonly rtcp?: RtpAddress;
  /** RTCP goes over the RTP port, both ways (RFC 5761): both descriptions said so. */
  readonly rtcpMux?: boolean;
  /** Packet times it would like and the longest it takes, ms (RFC 8866 §6.4, §6.5); absent: it did not say. */
  readonly ptimeMs?: number;
  readonly maxptimeMs?: number;
  /** It may send from another address than it names, since a NAT stands before it: a setting, never its SDP's word. */
  readonly nat?: boolean;
  /** Not RTP but fax over UDPTL (T.38): whatever comes goes to the other peer as it is. */
  readonly udptl?: boolean;
  /** The keys of both directions; absent: the stream is not protected. Never to be logged. */
  readonly srtp?: SrtpKeys;
  /** Seen from the peer: `recvonly` hears us and says nothing. */
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
};
