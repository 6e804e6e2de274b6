/** Calls as the store gets them, made up; imported by the store's tests and its benchmark alone. */
import type { MonotonicMs, WallMs } from '../base/clock.ts';
import type { CallId } from '../call/call-facts.ts';
import { newCallFacts } from '../call/call-facts.ts';
import type { CallState } from '../call/call-state.ts';
import type { CallDossier, DialogRecord, JournalEntry, LegName } from '../guard/journal.ts';
import type { CorrectionEntry, OutcomeEntry, WebhookRow } from '../guard/store-port.ts';
import type { OutcomeCorrection } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';

/** The id of the `n`-th sample call. */
export function sampleCallId(n: number): CallId {
  return `0192f0c1-7c1e-7c3a-9f44-${n.toString(16).padStart(12, '0')}` as CallId;
}

/** What does not change over the `n`-th call. */
export function sampleDossier(n: number): CallDossier {
  return {
    callId: sampleCallId(n),
    campaign: 'luce-autunno',
    number: '+393331234567',
    callerId: '+390212345678',
    dialerReference: `V${n}`,
    dialerCallId: `dialer-${n}@10.0.0.1`,
    carrierCallId: `carrier-${n}@10.0.0.2`,
    carrier: 'primary',
    policy: 'it-garante-83-2014@1',
  };
}

/** A call that waits for an agent until `deadlineAtMs`. */
export function sampleState(deadlineAtMs = 3000): CallState {
  const facts = newCallFacts({ monotonicMs: 0 as MonotonicMs, wallMs: 1_795_165_200_000 as WallMs }, null, null);
  return { name: 'waiting', facts, deadlineAt: deadlineAtMs as MonotonicMs };
}

/** The journal entry of the `n`-th call in that state. */
export function callEntry(n: number, state = sampleState()): JournalEntry {
  return { kind: 'call', dossier: sampleDossier(n), state };
}

/** The `n`-th call's dialog with one peer. */
export function sampleDialog(n: number, leg: LegName, localCseq = 1): DialogRecord {
  return {
    drachtioDialogId: `${leg}-dialog-${n}`,
    callId: `${leg}-${n}@10.0.0.1`,
    localUri: '<sip:a@10.0.0.3>',
    localTag: 'lt',
    remoteUri: '<sip:b@10.0.0.1>',
    remoteTag: 'rt',
    remoteTarget: 'sip:b@10.0.0.1:5062',
    routeSet: ['<sip:10.0.0.9;lr>'],
    localCseq,
    peer: '10.0.0.1:5062',
  };
}

/** The journal entry of that dialog. */
export function dialogEntry(n: number, leg: LegName, localCseq = 1): JournalEntry {
  return { kind: 'dialog', callId: sampleCallId(n), leg, dialog: sampleDialog(n, leg, localCseq) };
}

/** The `n`-th call, ended silent at its deadline; later calls end later. */
export function sampleRecord(n: number): OutcomeRecord {
  const at = (ms: number) => new Date(Date.UTC(2026, 10, 20, 9) + n * 10 + ms).toISOString();
  return {
    callId: sampleCallId(n),
    sequence: 1,
    kind: 'guarded',
    kindSource: 'default',
    dialer: 'default',
    campaign: 'luce-autunno',
    dialerReference: `V${n}`,
    number: '+39333•••4567',
    callerId: '+390212345678',
    network: 'answered',
    answeredBy: 'not-classified',
    answeredByMethod: null,
    handling: 'silent',
    class: 'A',
    endedBy: 'guard',
    endCause: 'deadline',
    teardown: { mode: 'enforce', dueAt: at(11_200) },
    agent: null,
    sip: {
      dialerCallId: `dialer-${n}@10.0.0.1`,
      carrierCallId: `carrier-${n}@10.0.0.2`,
      carrier: 'primary',
      attempts: [{ carrier: 'primary', status: 200 }],
      status: 200,
      reason: null,
      q850: 16,
      exchange: {
        messages: [
          ...['0 dialer < INVITE', '4.2 carrier/1 > INVITE', '900.1 carrier/1 < 180', '900.4 dialer > 180'],
          ...['8200 carrier/1 < 200', '8200.7 carrier/1 > ACK', '8200.9 dialer > 200', '8203.5 dialer < ACK'],
          ...['11200.2 dialer > BYE Q.850;cause=16', '11200.3 carrier/1 > BYE Q.850;cause=16'],
        ],
        leftOut: 0,
      },
    },
    times: { invited: at(0), ringing: at(900), answered: at(8200), bridged: null, ended: at(11_200) },
    ringMs: 7300,
    waitMs: 3000,
    talkMs: 0,
    ...{ greeting: null, waitFrom: 'answer', waitFallback: null, announcement: null },
    sinceInviteMs: { ringing: 900, answered: 8200, ambience: 8200.9, bridged: null, agentMedia: null, ended: 11_200 },
    comfortNoise: {
      startedAfterMs: 0.9,
      startedAt: at(8201),
      stream: { ssrc: 0x1234, firstSequence: 65_500, lastSequence: 113, firstTimestamp: 160, lastTimestamp: 24_000 },
      packets: 150,
      codec: 'PCMA',
      clip: 'open-plan-office',
      clipSha256: '0'.repeat(64),
      levelDbm0: -30,
      calleeReport: null,
    },
    media: null,
    recallLock: null,
    policy: 'it-garante-83-2014@1',
    clock: { synchronised: true, source: 'chronyc', offsetMs: 0.12, checkedAt: at(-60_000) },
    ledger: null,
  };
}

/** The webhook that tells the `n`-th call's outcome to `endpoint`, as one that has its place in the ledger already. */
export function sampleWebhook(n: number, endpoint = 'crm'): WebhookRow {
  const data = { ...sampleRecord(n), ledger: { chain: 'guard-1', seq: n, hash: '0'.repeat(64) } };
  const body = JSON.stringify({ type: 'call.outcome', timestamp: '2026-11-20T09:15:07.214Z', data });
  return { id: `msg_${endpoint}_${n}`, callId: sampleCallId(n), type: 'call.outcome', endpoint, body };
}

/** A correction of the `n`-th call's outcome, with a webhook that tells it to `endpoint`. */
export function correctionEntry(n: number, sequence = 2, endpoint = 'crm'): CorrectionEntry {
  const silent = { answeredBy: 'not-classified', answeredByMethod: null, handling: 'silent', class: 'A' } as const;
  const machine = { answeredBy: 'machine', answeredByMethod: 'amd', handling: 'machine-dropped', class: 'B' } as const;
  const correction: OutcomeCorrection = {
    sequence,
    at: '2026-11-20T09:16:00.000Z',
    cause: 'disposition',
    source: 'http',
    from: sequence % 2 === 0 ? silent : machine,
    to: sequence % 2 === 0 ? machine : silent,
    recallLock: null,
  };
  const id = `msg_${endpoint}_${n}_${sequence}`;
  const webhook = { id, callId: sampleCallId(n), type: 'call.outcome_corrected', endpoint, body: '{}' } as const;
  return { callId: sampleCallId(n), correction, count: null, lock: null, webhooks: [webhook] };
}

/** The `n`-th call's outcome as it is recorded, with one webhook per endpoint. */
export function outcomeEntry(n: number, endpoints: readonly string[] = ['crm']): OutcomeEntry {
  return {
    record: sampleRecord(n),
    number: '+393331234567',
    ...{ controller: 'default', digest: 'd1', day: '2026-11-20', count: null, lock: null, optOut: null },
    webhooks: endpoints.map((endpoint) => sampleWebhook(n, endpoint)),
  };
}
