/** What each carrier would be sent for a number, as comment lines: the settings' formats made visible. */
import { carrierProfiles } from '../app-trunks.ts';
import type { Settings } from '../config/settings.ts';
import { toE164 } from '../policy/telephone-number.ts';
import { formattedCaller } from '../signaling/caller-identity.ts';
import { calledUser } from '../signaling/carrier-profile.ts';
import { withUser } from '../signaling/sip-uri.ts';

/** Fictitious: as a dialer may write them, with a country code and without. */
const CALLED = ['+390212345678', '0212345678'];
const CALLER = '+390287654321';

/** Lines that begin with `#`, for each carrier two. */
export function numberExamples(settings: Settings): string {
  const plan = settings.numbers;
  const lines = carrierProfiles(settings).flatMap((carrier) =>
    CALLED.map((dialled) => {
      const uri = withUser(carrier.uri, calledUser(toE164(dialled, plan), dialled, carrier, plan));
      const caller = formattedCaller(CALLER, carrier.callerFormat, plan);
      return `#   ${carrier.name}: ${dialled} → ${uri}, caller ${CALLER} → ${caller}`;
    }),
  );
  return ['# What carriers are sent, by example:', ...lines, ''].join('\n');
}
