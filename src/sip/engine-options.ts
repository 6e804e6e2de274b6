import type { TransportProtocol } from './transaction/hop.ts';
import { DEFAULT_SIP_TIMERS, type SipTimers } from './transaction/sip-timers.ts';
import type { HomerOptions } from './transport/homer.ts';
import { DEFAULT_STREAM_LIMITS, type StreamLimits } from './transport/stream-limits.ts';
import { DEFAULT_TLS_OPTIONS, type TlsOptions } from './transport/tls-options.ts';

/** Named limits of the engine, and what happens at each. */
export type EngineLimits = {
  /** Transactions at once. At it: new requests get 503 with Retry-After, the application's get NOK; CANCEL passes. */
  readonly transactionsMax: number;
  /** Dialogs and unanswered INVITEs at once. At it: new INVITEs get 503, the application's get NOK. */
  readonly dialogsMax: number;
  /** Octets an application may leave unread. At it: its connection is closed, as if it had died. */
  readonly controlPendingOctetsMax: number;
};

/** One place to listen at. */
export type ListenOption = {
  /** All on the same port. */
  readonly protocols: readonly TransportProtocol[];
  readonly address: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The address written into Via and Contact when the socket's own is not what peers reach; null for its own. */
  readonly externalAddress: string | null;
};

/** Everything the engine needs to know; plain data, so that it can cross to another thread. */
export type EngineOptions = {
  /** At least one. */
  readonly listen: readonly ListenOption[];
  /** CIDR blocks or addresses from which requests are taken. */
  readonly allowedSources: readonly string[];
  /** Others get no answer, or a stateless 403. */
  readonly unlistedSource: 'silent' | 'forbidden';
  readonly limits: EngineLimits;
  readonly streams: StreamLimits;
  readonly tls: TlsOptions;
  /** Octets of a request that still go over UDP (RFC 3261 §18.1.1); larger ones go over TCP where that is possible. */
  readonly udpOctetsMax: number;
  readonly timers: SipTimers;
  /**
   * How long the calls of an application live on that has lost its connection, before they are ended with BYE: time to come
   * back and to speak for them by dialog id. Calls without an answer end at once.
   */
  readonly applicationGraceMs: number;
  /** How long after its start it keeps what arrives for an application that is still to come, ms; see `start-hold.ts`. */
  readonly startHoldMs: number;
  /** Written as User-Agent or Server where the application gave none; null for no such header. */
  readonly userAgent: string | null;
  /** Host names with their places, in the order in which they are tried; looked at before DNS. */
  readonly hosts: Readonly<Record<string, string | readonly string[]>>;
  /** `address` or `address:port` of name servers; none: those of the system. */
  readonly nameServers: readonly string[];
  /** A Homer server that gets a copy of every message; null for none. */
  readonly homer: HomerOptions | null;
};

/**
 * 500 calls/s would hold 500 × 2 legs × 3 transactions × 32 s = 96,000 transactions; the half of it is over what one
 * core carries. Ten thousand dialogs are 5,000 calls. 16 MiB are some 10,000 unread messages.
 */
export const DEFAULT_ENGINE_LIMITS: EngineLimits = {
  transactionsMax: 50_000,
  dialogsMax: 10_000,
  controlPendingOctetsMax: 16 * 1024 * 1024,
};

/** The path's MTU is not known (RFC 3261 §18.1.1). */
const UDP_OCTETS_MAX = 1_300;

/** Loopback only, UDP and TCP, any free port. */
export const DEFAULT_ENGINE_OPTIONS: EngineOptions = {
  listen: [{ protocols: ['udp', 'tcp'], address: '127.0.0.1', port: 0, externalAddress: null }],
  allowedSources: ['127.0.0.0/8'],
  unlistedSource: 'silent',
  limits: DEFAULT_ENGINE_LIMITS,
  streams: DEFAULT_STREAM_LIMITS,
  tls: DEFAULT_TLS_OPTIONS,
  udpOctetsMax: UDP_OCTETS_MAX,
  timers: DEFAULT_SIP_TIMERS,
  applicationGraceMs: 5_000,
  startHoldMs: 0,
  userAgent: null,
  hosts: {},
  homer: null,
  nameServers: [],
};
