/** Takes the outcomes of a load: verifies every signature, counts what came, keeps the two times that matter. */
import type { OutcomeRecord } from '../../src/policy/outcome-record.ts';
import { openSignedReceiver, type SignedOutcome } from './signed-receiver.ts';

/** What came since the last `takeWindow`. */
export type OutcomeWindow = {
  readonly outcomes: number;
  /** `network handling class endCause`, with how many each. */
  readonly byKind: Readonly<Record<string, number>>;
  /** 2xx received to first ambience packet sent, as Brusio itself tells it, ms. */
  readonly firstPacketMs: readonly number[];
  /** Answer to the end of the wait, ms, of the calls that ended at the deadline. */
  readonly waitMs: readonly number[];
};

/** A running receiver. */
export type WebhookSink = {
  readonly url: string;
  readonly secret: string;
  /** Different outcomes so far. */
  total(): number;
  /** Deliveries of an outcome that had come before: allowed, worth knowing. */
  repeated(): number;
  /** Bodies that were not an outcome, or not signed. */
  wrong(): number;
  /** The outcome of a call by its dialer leg's Call-ID: every different one that came. */
  outcomesOf(dialerCallId: string): readonly OutcomeRecord[];
  takeWindow(): OutcomeWindow;
  close(): Promise<void>;
};

/** Listens on a free port. `keep` keeps every outcome, by its Call-ID; a long load would not fit. */
export async function openWebhookSink(address: string, keep = false): Promise<WebhookSink> {
  const seen = new Set<string>();
  const kept = new Map<string, OutcomeRecord[]>();
  let [total, repeated] = [0, 0];
  let byKind: Record<string, number> = {};
  let firstPacketMs: number[] = [];
  let waitMs: number[] = [];
  const receiver = await openSignedReceiver(address, take);

  function take({ webhookId: id, outcome: data }: SignedOutcome): number {
    if (seen.has(id)) {
      repeated += 1;
      return 204;
    }
    seen.add(id);
    total += 1;
    if (keep) kept.set(data.sip.dialerCallId, [...(kept.get(data.sip.dialerCallId) ?? []), data]);
    const kind = `${data.network} ${data.handling} ${data.class ?? '-'} ${data.endCause}`;
    byKind[kind] = (byKind[kind] ?? 0) + 1;
    if (data.comfortNoise !== null) firstPacketMs.push(data.comfortNoise.startedAfterMs);
    if (data.endCause === 'deadline') waitMs.push(data.waitMs);
    return 204;
  }

  return {
    ...receiver,
    total: () => total,
    repeated: () => repeated,
    outcomesOf: (dialerCallId) => kept.get(dialerCallId) ?? [],
    takeWindow() {
      const window = { outcomes: Object.values(byKind).reduce((a, b) => a + b, 0), byKind, firstPacketMs, waitMs };
      byKind = {};
      firstPacketMs = [];
      waitMs = [];
      return window;
    },
  };
}
