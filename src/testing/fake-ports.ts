/** Fakes of the guard's ports: they record what they are asked, and tell what a test tells them to. */
import type { Instant, MonotonicMs } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { CallId } from '../call/call-facts.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { AgentSink, AgentSource, PbxSignal, SignalResult, WatchedCall } from '../guard/agent-source.ts';
import type { JournalEntry, JournalledCall } from '../guard/journal.ts';
import type { MediaEvent, MediaPlane, MediaReport } from '../guard/media-port.ts';
import type { CallLegs, CallSink, IncomingInvite, Signaling } from '../guard/signaling-port.ts';
import type { CorrectionEntry, OutcomeEntry, Store, StoreHealth } from '../guard/store-port.ts';
import type { LedgerDraft } from '../ledger/ledger-entry.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { instantAt } from './call-samples.ts';

/** One line for each thing that was asked, in order, over all fakes of a test. */
export type Trace = string[];

/** A logger that keeps nothing. */
export const SILENT_LOG: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT_LOG,
} as Logger;

/** What a media plane reports of a call that waited three seconds. */
export const AMBIENCE_REPORT: MediaReport = {
  ambience: {
    startedAfterMs: 0.9,
    startedAt: 1000.9 as MonotonicMs,
    stream: { ssrc: 0x1234, firstSequence: 65_500, lastSequence: 113, firstTimestamp: 160, lastTimestamp: 24_000 },
    packets: 150,
    codec: 'PCMA',
    clip: 'open-plan-office',
    clipSha256: 'ab'.repeat(32),
    levelDbm0: -30,
  },
  announcement: null,
  listening: null,
  packetsToCallee: 150,
  packetsFromCallee: 149,
  packetsToDialer: 149,
  packetsFromDialer: 0,
  packetsRejected: 4,
  drops: { foreign: 3, malformed: 1, unauthentic: 0, replayed: 0, unroutable: 0, late: 0, sendErrors: 0 },
  firstFromCalleeAt: 1040 as MonotonicMs,
  firstFromDialerAt: null,
  firstToCalleeAt: null,
  calleeReport: { lost: 1, jitterMs: 1.25, roundTripMs: 40.04 },
};

/** A PBX that tells what a test has it tell, and is down until the test says that it is up. */
export type FakeAgentSource = AgentSource & {
  up: boolean;
  signal(signal: PbxSignal, at?: Instant): SignalResult;
  watches(call: WatchedCall): boolean;
};

export function fakeAgentSource(name: string, dialers: readonly string[] = []): FakeAgentSource {
  let sink: AgentSink | null = null;
  const source: FakeAgentSource = {
    ...{ name, kind: 'freeswitch', dialers, up: false },
    start(taker) {
      sink = taker;
    },
    async stop() {
      sink = null;
    },
    status: () => ({
      ...{ name, kind: 'freeswitch', dialers, up: source.up, problem: source.up ? null : 'down', since: null },
      ...{ events: 0, signals: 0, unknownCalls: 0, malformed: 0, reconnects: 0 },
    }),
    watches: (call) => sink?.watches(call) ?? false,
    signal(signal, at = instantAt(0)) {
      if (sink === null) throw new Error('not started');
      return sink.signal(signal, at);
    },
  };
  return source;
}

/** A media plane without sound. */
export type FakeMedia = MediaPlane & { emit(event: MediaEvent): void; openFailure: Error | null; down: string | null };

export function fakeMedia(trace: Trace, report: MediaReport | null = AMBIENCE_REPORT): FakeMedia {
  let listener: (event: MediaEvent) => void = () => undefined;
  const line = (what: string, callee: RemoteMedia | null): void => {
    trace.push(
      `media ${what}${callee === null ? '' : ` ${callee.rtp.address}:${callee.rtp.port}${callee.nat === true ? ' behind NAT' : ''}`}`,
    );
  };
  const media: FakeMedia = {
    openFailure: null,
    down: null,
    emit: (event) => listener(event),
    async start(onEvent) {
      listener = onEvent;
    },
    async open(_callId, { id }, networks) {
      if (media.openFailure !== null) throw media.openFailure;
      trace.push(`media open ${id}${networks?.dialer === 'carriers' ? ' for a call from a carrier' : ''}`);
      return { dialer: { address: '127.0.0.1', port: 20_000 }, carrier: { address: '127.0.0.1', port: 20_002 } };
    },
    setDialer: (_callId, dialer) => line('set-dialer', dialer),
    setCallee: (_callId, callee) => line('set-callee', callee),
    relayEarlyMedia: (_callId, callee) => line('relay-early-media', callee),
    playAmbience: (_callId, callee) => line('play-ambience', callee),
    connect: (_callId, callee) => line('connect', callee),
    announce: () => void trace.push('media announce'),
    relay: (_callId, callee) => line('relay', callee),
    async close() {
      trace.push('media close');
      return report;
    },
    problem: () => media.down,
    async stop() {
      trace.push('media stop');
    },
  };
  return media;
}

/** A store in memory. */
export type FakeStore = Store & {
  readonly outcomes: OutcomeEntry[];
  readonly corrections: CorrectionEntry[];
  readonly drafts: LedgerDraft[];
  readonly entries: JournalEntry[];
  healthNow: StoreHealth;
};

export function fakeStore(trace: Trace, left: readonly JournalledCall[] = []): FakeStore {
  const find = (fits: (record: OutcomeRecord) => boolean) =>
    store.outcomes.findLast(({ record }) => fits(record))?.record ?? null;
  let seq = 0;
  const place = () => ({ chain: 'guard-1', seq: ++seq, hash: '0'.repeat(64) });
  const store: FakeStore = {
    outcomes: [],
    corrections: [],
    drafts: [],
    entries: [],
    healthNow: { writable: true, pending: 0, problem: null },
    start: async () => undefined,
    journal(entry) {
      trace.push(`store journal ${entry.kind}`);
      store.entries.push(entry);
    },
    async recordOutcome(entry) {
      trace.push('store outcome');
      store.outcomes.push(entry);
      return place();
    },
    async ledger(drafts) {
      trace.push(`store ledger ${drafts.map(({ kind }) => kind).join(' ')}`);
      store.drafts.push(...drafts);
      return drafts.map(place);
    },
    ownerOf: async () => ({ controller: 'acme', digest: 'digest' }),
    ledgerTrees: async () => [],
    settingsSeen: async () => new Map(),
    campaignPolicies: async () => null,
    openCalls: async () => left,
    findOutcome: async (ref) => find(({ callId, sip }) => callId === ref || sip.dialerCallId === ref),
    findOutcomeByReference: async (reference) => find(({ dialerReference }) => dialerReference === reference),
    async recordCorrection(entry) {
      trace.push(`store correction ${entry.correction.sequence}`);
      store.corrections.push(entry);
      return place();
    },
    correctionsOf: async (callId) =>
      store.corrections.filter((entry) => entry.callId === callId).map(({ correction }) => correction),
    health: () => store.healthNow,
    stop: async () => undefined,
  };
  return store;
}

/** A SIP edge to which a test hands INVITEs. */
export type FakeSignaling = Signaling & {
  invite(invite: Partial<IncomingInvite>): { readonly sink: CallSink | null; readonly legs: CallLegs };
  endDialogResult: () => Promise<number>;
};

export function fakeSignaling(trace: Trace): FakeSignaling {
  let take: Parameters<Signaling['start']>[0] = () => null;
  const signaling: FakeSignaling = {
    endDialogResult: async () => 200,
    async start(onInvite) {
      take = onInvite;
    },
    async endDialog(dialog) {
      trace.push(`bye ${dialog.callId}`);
      return signaling.endDialogResult();
    },
    problem: () => null,
    authentications: () => ({}),
    stop: async () => undefined,
    invite(invite) {
      let sink: CallSink | null = null;
      const legs = fakeLegs(trace, () => sink);
      sink = take({ ...SAMPLE_INVITE, ...invite }, legs);
      return { legs, sink };
    },
  };
  return signaling;
}

/** Legs that only record. */
function fakeLegs(trace: Trace, sinkOf: () => CallSink | null): CallLegs {
  return {
    dial(route, _media, codecs) {
      const name = route.next()?.name ?? 'nobody';
      trace.push(`legs dial ${name} ${codecs.join(' ')}`);
      const attempt = { carrier: name, callId: 'carrier-call-id', status: null, reason: null };
      sinkOf()?.attempted([attempt], attempt);
    },
    refuse: (refusal) => void trace.push(`legs refuse ${refusal.sipStatus} ${refusal.rule}`),
    couple: () => void trace.push('legs couple'),
    exchange: () => ({ messages: ['0 dialer < INVITE'], leftOut: 0 }),
    hangUp: (hangUp, outcome) => void trace.push(`legs hang-up ${hangUp.cause} class=${outcome.class}`),
  };
}

/** A dialer's INVITE with PCMA. */
export const SAMPLE_INVITE: IncomingInvite = {
  at: instantAt(0),
  dialerCallId: 'dialer-call-id',
  sourceAddress: '127.0.0.11',
  caller: { type: 'dialer', name: 'default', kind: 'guarded', mayDeclare: ['manual', 'callback', 'transfer'] },
  number: '+393331234567',
  dialledNumber: '+393331234567',
  callerId: '+390212345678',
  isAnonymous: false,
  declaredKind: null,
  campaign: null,
  reference: 'lead-17',
  agent: null,
  agentPromise: 'none',
  exception: null,
  disposition: null,
  offer: {
    kind: 'sdp',
    media: {
      rtp: { address: '127.0.0.11', port: 10_000 },
      codecs: [{ name: 'PCMA', payloadType: 8 }],
      telephoneEventPayloadType: null,
      direction: 'sendrecv',
    },
  },
};

/** The id in a sink, for the fakes that want it. */
export function callIdOf(sink: CallSink | null): CallId {
  if (sink === null) throw new Error('the guard refused this call');
  return sink.callId;
}
