/** The settings of the law: whose rules hold, and what is chosen where their text leaves room. */
import { z } from 'zod';
import { JURISDICTION_NAMES } from '../policy/jurisdictions/jurisdiction.ts';
import { POLICY_TERMS } from './campaign-terms-settings.ts';

const outcomeClass = z.enum(['A', 'B']).nullable().default(null);

/** `policy`. */
export const policySection = z
  .strictObject({
    jurisdiction: z
      .enum(JURISDICTION_NAMES)
      .default('it')
      .describe('whose rules hold: it is decision 83/2014 of the Italian Garante'),
    machineAnswered: outcomeClass.describe(
      "class of an answered call that the dialer reports as machine or fax; null: the jurisdiction's reading, in Italy B; " +
        'with A such a call is torn down at the end of the wait as well',
    ),
    calleeHangUp: outcomeClass.describe(
      "class of an answered call that its callee ends before the wait does; null: the jurisdiction's reading, in Italy A",
    ),
    ...POLICY_TERMS,
  })
  .prefault({});
