/** Descriptions of peers, for tests. */

/** What differs from a plain offer of PCMA at 127.0.0.11:10000. */
export type SdpParts = {
  readonly address?: string;
  /** An address of the stream's own. */
  readonly streamAddress?: string;
  readonly port?: number;
  readonly payloads?: string;
  readonly rtpmaps?: readonly string[];
  /** null: no attribute. */
  readonly direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' | null;
  readonly ptime?: number;
  /** Default: RTP/AVP. */
  readonly protocol?: string;
  /** Further attributes of the stream, without `a=`. */
  readonly attributes?: readonly string[];
  /** Lines before the first stream, with CRLF. */
  readonly session?: string;
  /** Streams before the audio, with CRLF. */
  readonly before?: string;
};

/** The description. */
export function sdpOf(parts: SdpParts): string {
  const { address = '127.0.0.11', port = 10_000, payloads = '8', direction = 'sendrecv' } = parts;
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    ...(parts.session === undefined ? [] : [parts.session.trimEnd()]),
    ...(parts.before === undefined ? [] : [parts.before.trimEnd()]),
    `m=audio ${port} ${parts.protocol ?? 'RTP/AVP'} ${payloads}`,
    ...(parts.streamAddress === undefined ? [] : [`c=IN IP4 ${parts.streamAddress}`]),
    ...(parts.rtpmaps ?? []).map((one) => `a=rtpmap:${one}`),
    ...(parts.ptime === undefined ? [] : [`a=ptime:${parts.ptime}`]),
    ...(parts.attributes ?? []).map((one) => `a=${one}`),
    ...(direction === null ? [] : [`a=${direction}`]),
    '',
  ].join('\r\n');
}
