/**
 * Where a peer's RTP comes from and ours goes to: symmetric RTP (RFC 4961) with a latch.
 *
 * The SDP names an address; the first valid packet decides. One from the named IP address latches whatever its port
 * (gateways send from other ports). One from elsewhere is refused: whoever guesses a port would else be heard in the call,
 * and would be sent the callee's voice. Only where the settings say that the peer stands behind a NAT, and so names an
 * address that nobody can reach, a stranger latches too, while nothing came from the named address. Either yields once to
 * the better one: a stranger to the named address, and any other port of it to the named port, so that a stream that finds
 * our port before the peer does, another fork's at the same gateway for one, cannot keep it. After that every other source
 * is refused until the next offer or answer.
 */
import type { RtpAddress } from '../call/remote-media.ts';

/** Addresses of earlier forks that are remembered, two for each; more telephones than this ring for no call. */
const LEFT_MAX = 16;

/** The latch of one leg. */
export class RtpSource {
  #nat: boolean;
  #signalled: RtpAddress;
  #address: string;
  #port: number;
  #latched = false;
  /** Something came from the named IP address, so it can be reached and nobody else is the peer. */
  #heard = false;
  /** Where the peers sent from that this one came in place of: another fork may go on sending for a while. */
  readonly #left: RtpAddress[] = [];

  /** `nat`: the peer may send from another address than it names. */
  constructor(signalled: RtpAddress, nat = false) {
    this.#nat = nat;
    this.#signalled = signalled;
    this.#address = signalled.address;
    this.#port = signalled.port;
  }

  /** IP literal that we send to. */
  get address(): string {
    return this.#address;
  }

  /** UDP port that we send to. */
  get port(): number {
    return this.#port;
  }

  /**
   * A new offer or answer: latch again. When it names the same address as before, sending goes on to where the peer was
   * last heard until it is heard again; that the answer repeats the SDP of the early media is the usual case. A hold that
   * names no address (RFC 3264 §8.4, port 0) says what the peer will hear, not where it is: the name before stays.
   */
  signal(signalled: RtpAddress, nat = this.#nat): void {
    this.#nat = nat;
    if (isNowhere(signalled)) return;
    const moved = signalled.address !== this.#signalled.address || signalled.port !== this.#signalled.port;
    this.#signalled = signalled;
    this.#latched = false;
    const named = this.#left.findIndex((one) => one.address === signalled.address && one.port === signalled.port);
    if (named !== -1) this.#left.splice(named, 1);
    if (!moved) return;
    this.#heard = false;
    this.#address = signalled.address;
    this.#port = signalled.port;
  }

  /**
   * Another peer in place of this one (a fork that answered): what still comes from the one before is refused, unless it
   * is named again.
   */
  replace(signalled: RtpAddress, nat = this.#nat): void {
    const before = [this.#signalled, { address: this.#address, port: this.#port }];
    const moved = signalled.address !== this.#signalled.address || signalled.port !== this.#signalled.port;
    if (moved && !isNowhere(signalled)) {
      for (const one of before) {
        if (!this.#left.some(({ address, port }) => address === one.address && port === one.port)) this.#left.push(one);
      }
      this.#left.splice(0, this.#left.length - LEFT_MAX);
    }
    this.signal(signalled, nat);
  }

  /** Whether a valid RTP packet from here is the peer's; latches when it is the first. */
  accept(address: string, port: number): boolean {
    if (this.#latched && port === this.#port && address === this.#address) return true;
    if (!this.admits(address, port)) return false;
    this.#latched = true;
    this.#heard ||= address === this.#signalled.address;
    this.#address = address;
    this.#port = port;
    return true;
  }

  /** Whether `accept` would take a packet from here; nothing latches by being asked. */
  admits(address: string, port: number): boolean {
    if (this.#latched && port === this.#port && address === this.#address) return true;
    const named = address === this.#signalled.address;
    // The peer itself, where it said it would be; every other source has a place only until it speaks.
    if (named && port === this.#signalled.port) return true;
    if (!named && !this.#nat) return false;
    if (this.#left.some((one) => one.port === port && one.address === address)) return false;
    if (this.#heard && (this.#latched || !named)) return false;
    return !this.#latched || named;
  }
}

/** Whether an address is the refusal or the hold that port 0 and 0.0.0.0 stand for. */
export function isNowhere({ address, port }: RtpAddress): boolean {
  return port === 0 || address === '0.0.0.0' || address === '::';
}
