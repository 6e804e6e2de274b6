/** A softphone that is not ours, driven by its own command line. */
import { CARRIER, DIALER_ADDRESS, type Endpoint } from '../engine-under-test.ts';
import { hearOnFailure } from '../story.ts';

/** What carries its SIP. */
export type Transport = 'udp' | 'tcp' | 'tls';

/** Where it lives and where its calls go. */
export type UserAgentOptions = {
  readonly local: Endpoint;
  readonly transport: Transport;
  /** Where its INVITEs go. */
  readonly server: Endpoint;
  /** Its user, and the number it is called by. */
  readonly user: string;
  /** The WAV file it plays into its calls. */
  readonly says: string;
  /** False: it rings and nobody picks up. Default: it answers. */
  readonly answers?: boolean;
  /** With TLS: its certificate with its key, and the authority that signed every certificate; PEM files. */
  /** SRTP with keys in its SDP, and nothing else. */
  readonly srtp?: boolean;
  readonly tls?: { readonly certificate: string; readonly authority: string };
};

/** A running user agent, with at most one call at a time. */
export type UserAgent = {
  dial(number: string): Promise<void>;
  hangUp(): Promise<void>;
  hold(): Promise<void>;
  resume(): Promise<void>;
  /** One key of the telephone, as it sends keys by default (RFC 4733). */
  press(key: string): Promise<void>;
  /** Resolves when a call is up. */
  established(withinMs?: number): Promise<void>;
  /** Resolves when the call is over. */
  ended(withinMs?: number): Promise<void>;
  /** What it has heard, as it decoded it. */
  heard(): Int16Array;
  /** Everything it said of itself, for a failure's story. */
  story(): string;
  close(): Promise<void>;
};

/** For softphones on either side: baresip sends its audio, and opens its connections, from whatever address the system picks. */
export function softphoneSettings(carrierUri = `sip:${CARRIER.address}:${CARRIER.port}`) {
  return {
    carriers: [{ uri: carrierUri, nat: true }],
    dialers: { named: [{ name: 'softphone', sources: [DIALER_ADDRESS, '127.0.0.1'], nat: true }] },
  };
}

/** What a program says of itself is told when a test fails. */
export function hearProgram(name: string, story: () => string): void {
  const startedAtMs = Date.now();
  hearOnFailure({ moments: () => [{ atMs: startedAtMs, text: `${name}:\n${story()}` }] });
}

/** Waits for a condition, and fails with the user agent's own story. */
export async function until(what: string, isTrue: () => boolean, story: () => string, withinMs: number): Promise<void> {
  const giveUpAtMs = Date.now() + withinMs;
  while (!isTrue()) {
    if (Date.now() > giveUpAtMs) throw new Error(`${what}: not within ${withinMs} ms\n${story().slice(-4_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
