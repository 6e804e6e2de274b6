/** Named limits of TCP and TLS connections, and what happens at each. */
export type StreamLimits = {
  /**
   * Connections at once, opened by either side. At it the one that has been idle longest, for `IDLE_ENOUGH_MS` at least,
   * is closed to make room; when there is none, a peer's new connection is reset, and ours fails like one refused.
   */
  readonly connectionsMax: number;
  /** A connection over which nothing has gone for this long is closed. */
  readonly idleMs: number;
  /** How long opening a connection may take, a TLS handshake included. */
  readonly connectMs: number;
  /** Octets that wait for a peer to read them. At it the connection is closed: the peer has died, or means no good. */
  readonly pendingOctetsMax: number;
  /** How long a message may take from its first octet to its last, a TLS handshake, and a peer's first word. */
  readonly messageMs: number;
};

/**
 * 1,000 connections are every dialer and carrier of a large installation, several times. An hour outlives the pauses of
 * a working day without keeping what a restarted firewall has forgotten. 1 MiB is a thousand messages.
 */
export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  connectionsMax: 1_000,
  idleMs: 3_600_000,
  connectMs: 4_000,
  pendingOctetsMax: 1_048_576,
  messageMs: 10_000,
};

/** A connection idle for this long has no transaction left: 64*T1 (RFC 3261 §17). */
export const IDLE_ENOUGH_MS = 32_000;

/** After this long without a segment the system asks whether the peer still lives. */
export const TCP_KEEP_ALIVE_MS = 60_000;
