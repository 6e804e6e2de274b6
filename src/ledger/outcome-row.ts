/** The row of an outcome and of a correction, as their entries say: nothing in them is known from elsewhere. Pure. */
import { canonicalJson } from './canonical-json.ts';
import type { LedgerBody } from './ledger-body.ts';
import type { LedgerPosition } from './ledger-entry.ts';
import { stamped } from './stamped.ts';

/** The row of the outcome whose entry stands at `position`: what is searched by, and the record. Times in ms since 1970. */
export function outcomeRow(
  { controller, digest, day, counted, record }: LedgerBody<'outcome'>,
  position: LedgerPosition,
) {
  const { callId, sip, times } = record;
  return {
    callId,
    chain: position.chain,
    seq: position.seq,
    dialerCallId: sip.dialerCallId,
    carrierCallId: sip.carrierCallId,
    dialerReference: record.dialerReference,
    digest,
    campaign: record.campaign,
    controller,
    kind: record.kind,
    class: record.class,
    network: record.network,
    handling: record.handling,
    day,
    countedAs: counted?.as ?? null,
    invitedAt: Date.parse(times.invited),
    answeredAt: times.answered === null ? null : Date.parse(times.answered),
    endedAt: Date.parse(times.ended),
    record: stamped(canonicalJson(record), position),
  };
}

/** The row of the correction whose entry stands at `position`. */
export function correctionRow({ callId, correction }: LedgerBody<'correction'>, { chain, seq }: LedgerPosition) {
  return {
    ...{ callId, chain, seq, sequence: correction.sequence, at: Date.parse(correction.at), class: correction.to.class },
    correction: canonicalJson(correction),
  };
}
