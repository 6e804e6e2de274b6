/** The settings of the law: whose rules hold, and what is chosen where their text leaves room. */
import { z } from 'zod';
import { canada } from '../policy/jurisdictions/canada.ts';
import { isTimeZone } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import { JURISDICTION_NAMES, type Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { unitedStates } from '../policy/jurisdictions/united-states.ts';
import { POLICY_TERMS } from './campaign-terms-settings.ts';

const outcomeClass = z.enum(['A', 'B']).nullable().default(null);

function hangUpOf(country: string, usual: 'A' | 'B') {
  return outcomeClass.describe(`${country}: class of a call that its callee ends before the wait does; null: ${usual}`);
}

function zoneOf(country: string, { timeZone }: Jurisdiction) {
  return z
    .string()
    .refine(isTimeZone, { error: 'expected an IANA time zone, such as America/Chicago' })
    .nullable()
    .default(null)
    .describe(`${country}: the zone whose days and months are counted; null: ${timeZone}`);
}

/** `policy`. */
export const policySection = z
  .strictObject({
    jurisdiction: z
      .enum(JURISDICTION_NAMES)
      .default('it')
      .describe(
        'whose rules hold, where a campaign names none: it (decision 83/2014 of the Italian Garante), gb (Ofcom 2010), us (FTC), ca (CRTC), de (code of CCV and DDV); docs/compliance/',
      ),
    machineAnswered: outcomeClass.describe(
      'Italy: class of an answered call that the dialer reports as machine or fax; null: B; ' +
        'with A such a call is torn down at the end of the wait as well',
    ),
    calleeHangUp: outcomeClass.describe(
      'Italy: class of an answered call that its callee ends before the wait does; null: A',
    ),
    gb: z
      .strictObject({
        calleeHangUp: z
          .enum(['none', 'A'])
          .nullable()
          .default(null)
          .describe('United Kingdom: how a call counts that its callee ends before the wait does; null: none'),
      })
      .prefault({}),
    us: z
      .strictObject({ calleeHangUp: hangUpOf('United States', 'B'), timeZone: zoneOf('United States', unitedStates) })
      .prefault({}),
    ca: z.strictObject({ calleeHangUp: hangUpOf('Canada', 'A'), timeZone: zoneOf('Canada', canada) }).prefault({}),
    de: z
      .strictObject({
        machineAnswered: outcomeClass.describe('Germany: class of a reported machine; null: B'),
        calleeHangUp: hangUpOf('Germany', 'A'),
      })
      .prefault({}),
    ...POLICY_TERMS,
  })
  .prefault({});
