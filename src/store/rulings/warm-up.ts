/** One ruling on nobody: the first of a process loads the year's holidays, which takes a tenth of a second. */
import type { WallMs } from '../../base/clock.ts';
import type { Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import { ruleOn } from '../../policy/rules/rule-on.ts';
import { LEGAL_RULES, type LegalRule, type RuleMode } from '../../policy/rules/ruling.ts';

/** Call it before the first call comes. */
export function warmUp(law: Jurisdiction, at: WallMs): void {
  ruleOn(
    {
      ...{ at, number: '+390212345678', callerId: '', agent: 'none', exception: null },
      terms: {
        ...{ campaign: '', controller: '', lockScope: '', roc: null, callerIds: [], startsOn: null, endsOn: null },
        modes: Object.fromEntries(LEGAL_RULES.map((rule) => [rule, 'observe'])) as Record<LegalRule, RuleMode>,
        frequency: { perDay: null, perWeek: null, perCampaign: null },
        hours: { region: null, extraHolidays: [] },
        ...{ ringLimitMs: 0, promisedAgents: 'count', machineFalsePositive: null },
      },
      history: {
        inFlight: 0,
        lock: null,
        agentLock: null,
        callsOnDay: 0,
        callsInWeek: 0,
        callsOfCampaign: 0,
        optOut: null,
        screening: null,
      },
      standing: { days: [] },
    },
    law,
  );
}
