/** Ready-made facts of calls, for tests. */
import type { Instant, MonotonicMs, WallMs } from '../base/clock.ts';
import type { CallEvent, CallEventType } from '../call/call-event.ts';
import { type Agent, type CallFacts, type Disposition, newCallFacts, type SipFinal } from '../call/call-facts.ts';
import type { ConnectRules } from '../call/call-state.ts';
import type { RemoteMedia } from '../call/remote-media.ts';

/** `ms` after an arbitrary start, by both clocks. */
export function instantAt(ms: number): Instant {
  return { monotonicMs: ms as MonotonicMs, wallMs: (Date.UTC(2026, 10, 20, 9) + ms) as WallMs };
}

/** A callee's audio at 127.0.0.12. */
export const CALLEE_MEDIA: RemoteMedia = {
  rtp: { address: '127.0.0.12', port: 20_104 },
  codecs: [{ name: 'PCMA', payloadType: 8 }],
  telephoneEventPayloadType: 101,
  direction: 'sendrecv',
};

export const OK_FINAL: SipFinal = { status: 200, phrase: 'OK', reason: null };
export const BUSY_FINAL: SipFinal = { status: 486, phrase: 'Busy Here', reason: null };
export const TERMINATED_FINAL: SipFinal = { status: 487, phrase: 'Request Terminated', reason: null };
export const AGENT: Agent = { id: '1001', source: 'sip-info' };
export const MACHINE: Disposition = { answeredBy: 'machine', method: 'amd', source: 'bye-header' };

/** The Italian wait: three seconds from the answer, then torn down. */
export const WAIT_THEN_DROP: ConnectRules = {
  ...{ waitLimitMs: 3000, waitFrom: 'answer', greetingLimitMs: 6000, announcement: null, machineReleases: true },
};

/** The American one: two seconds from the greeting's end, then a message of four with a key to press. */
export const WAIT_THEN_TELL: ConnectRules = {
  ...{ waitLimitMs: 2000, waitFrom: 'speech-end', greetingLimitMs: 6000, machineReleases: true },
  announcement: { durationMs: 4000, optOut: { digit: '9', listenMs: 3000 } },
};

/** The facts of an INVITE at moment 0. */
export function invitedFacts(): CallFacts {
  return newCallFacts(instantAt(0), null, null);
}

/** One event of each type at `ms`. */
export function eventOf(type: CallEventType, ms: number): CallEvent {
  const at = instantAt(ms);
  switch (type) {
    case 'callee-ringing':
      return { type, at, media: null };
    case 'callee-answered':
      return { type, at, final: OK_FINAL, media: CALLEE_MEDIA };
    case 'admission-refused':
    case 'admission-withdrawn':
    case 'carrier-refused':
      return { type, at, final: BUSY_FINAL };
    case 'callee-hung-up':
    case 'dialer-cancelled':
      return { type, at, reason: null };
    case 'dialer-hung-up':
      return { type, at, reason: null, disposition: null };
    case 'callee-speaks':
    case 'callee-quiet':
    case 'announced':
      return { type, at, since: at };
    case 'callee-key':
      return { type, at, digit: '9' };
    case 'agent-bridged':
      return { type, at, agent: AGENT };
    case 'disposition-reported':
      return { type, at, disposition: MACHINE };
    case 'leg-lost':
      return { type, at, leg: 'carrier', reason: null };
    case 'media-failed':
    case 'internal-error':
      return { type, at, detail: 'test' };
    case 'agent-left':
    case 'deadline':
    case 'guard-stopping':
    case 'guard-restarted':
      return { type, at };
  }
}
