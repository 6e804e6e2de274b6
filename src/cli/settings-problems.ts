/** What is wrong with the things that settings name: files, clips, addresses. The settings themselves are right. */
import { familyProblems } from '../app-addresses.ts';
import { ambiencePlan } from '../app-ambience.ts';
import { announcementPlan } from '../app-announcements.ts';
import { systemClock } from '../base/clock.ts';
import { campaignJurisdictions } from '../config/campaign-jurisdictions.ts';
import type { SettingsProblem } from '../config/load-settings.ts';
import type { Settings } from '../config/settings.ts';
import { readTlsMaterial } from '../sip/transport/tls-material.ts';
import { hostAddressProblems } from './host-addresses.ts';
import { regionProblems } from './region-problems.ts';

/** Every such problem, at the path of the setting that names the thing. */
export async function settingsProblems(settings: Settings): Promise<readonly SettingsProblem[]> {
  return [
    ...certificateProblems(settings),
    ...clipProblems(settings),
    ...familyProblems(settings),
    ...(await hostAddressProblems(settings)),
    ...(await holidayProblems(settings)),
  ];
}

/** What is wrong with the clips, at the path of the setting that names one; and announcements that the rules want. */
function clipProblems(settings: Settings): readonly SettingsProblem[] {
  const plans = [ambiencePlan(settings), announcementPlan(settings, campaignJurisdictions(settings))];
  return plans.flatMap((plan) => (plan.ok ? [] : plan.problem));
}

/** What is wrong with the files of TLS, at the path of the setting that names them. */
function certificateProblems({ sip: { tls } }: Settings): readonly SettingsProblem[] {
  const read = readTlsMaterial(tls);
  if (!read.ok) return read.problem.map(({ file, message }) => ({ path: `sip.tls.${file}`, message }));
  const { endsAtMs } = read.value;
  if (endsAtMs === null || endsAtMs > systemClock.now().wallMs) return [];
  return [{ path: 'sip.tls.certificate', message: `ended on ${new Date(endsAtMs).toISOString()}` }];
}

/** The holidays' data is loaded here alone: the commands that need none of it start without. */
async function holidayProblems(settings: Settings): Promise<readonly SettingsProblem[]> {
  const { regionsOf } = await import('../policy/rules/public-holidays.ts');
  return regionProblems(settings, regionsOf);
}
