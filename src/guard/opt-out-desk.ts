/** Opt-outs by hand: the number as it may be written, found by its digests. */
import type { NumberDigests } from '../base/number-digest.ts';
import type { OptOutSource } from '../policy/opt-out-source.ts';
import { WHOLE_INSTALLATION } from '../policy/rules/campaign-terms.ts';
import { type NumberPlan, toE164 } from '../policy/telephone-number.ts';
import type { GuardView } from './guard-view.ts';
import type { OptOutDesk, OptOutStore } from './opt-out-port.ts';

/** What it works with. */
export type OptOutDeskParts = {
  readonly store: OptOutStore;
  readonly digests: NumberDigests;
  /** That of the digests (`digestPlan`). */
  readonly plan: NumberPlan;
  /** A live call is found by the Call-ID of its dialer's leg too; without it none is looked for. */
  readonly liveCall: GuardView['liveCall'];
  /** Whether one register is kept for all controllers. */
  readonly isWhole: boolean;
  readonly source: OptOutSource;
};

/** See {@link OptOutDesk}. */
export function createOptOutDesk({ store, digests, plan, liveCall, isWhole, source }: OptOutDeskParts): OptOutDesk {
  const e164 = (written: string) => toE164(written.replaceAll(/\s/g, ''), plan);
  const scopeOf = (controller: string | null) => controller ?? WHOLE_INSTALLATION;

  return {
    add: (number, controller, reference) =>
      store.addOptOut({
        ...{ scope: scopeOf(controller), digest: digests.current(e164(number)), callId: null, source, reference },
      }),
    async addOfCall(ref, reference) {
      const called = await store.calledNumber(liveCall(ref)?.callId ?? ref);
      if (called === null) return null;
      const { callId, digest, controller } = called;
      const scope = isWhole ? WHOLE_INSTALLATION : controller;
      return store.addOptOut({ scope, digest, callId, source, reference });
    },
    remove: (number, controller, reference) =>
      store.removeOptOuts({ digests: digests.all(e164(number)), scope: scopeOf(controller), source, reference }),
    of: (number) => store.optOutsOf(digests.all(e164(number))),
    page: (page) => store.optOutPage(page),
  };
}
