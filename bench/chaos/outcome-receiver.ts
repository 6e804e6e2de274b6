/** Takes the outcomes of a chaos run: checks each signature, and now and then does not take one, so that it comes again. */
import type { Random } from '../../src/base/random.ts';
import { openSignedReceiver, type SignedOutcome } from '../load/signed-receiver.ts';

/** One outcome that was taken, under the id it came with. */
export type TakenOutcome = SignedOutcome;

/** A running receiver. */
export type OutcomeReceiver = {
  readonly url: string;
  readonly secret: string;
  /** Every different `webhook-id` once. */
  taken(): readonly TakenOutcome[];
  /** Deliveries of one id with another body than the first: there must be none. */
  changed(): readonly string[];
  /** Bodies that were not signed, or no event of ours. */
  wrong(): number;
  /** Deliveries that were refused on purpose, and those that came again after they were taken. */
  refused(): number;
  repeated(): number;
  close(): Promise<void>;
};

/** Share of deliveries answered 503. */
const REFUSED_SHARE = 0.05;

/** Listens on a free port. */
export async function openOutcomeReceiver(address: string, random: Random): Promise<OutcomeReceiver> {
  const taken = new Map<string, TakenOutcome>();
  const changed: string[] = [];
  const refused = new Set<string>();
  let repeated = 0;
  const receiver = await openSignedReceiver(address, take);

  function take(signed: SignedOutcome): number {
    const { webhookId, body } = signed;
    // Once: after a second refusal the next attempt is minutes away.
    if (random() < REFUSED_SHARE && !refused.has(webhookId)) {
      refused.add(webhookId);
      return 503;
    }
    const before = taken.get(webhookId);
    if (before === undefined) taken.set(webhookId, signed);
    else {
      repeated += 1;
      if (before.body !== body) changed.push(webhookId);
    }
    return 204;
  }

  return {
    ...receiver,
    taken: () => [...taken.values()],
    changed: () => changed,
    refused: () => refused.size,
    repeated: () => repeated,
  };
}
