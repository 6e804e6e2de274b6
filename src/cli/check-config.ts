import { stringify } from 'yaml';
import { familyProblems } from '../app-addresses.ts';
import { ambiencePlan } from '../app-ambience.ts';
import { systemClock } from '../base/clock.ts';
import type { SettingsProblem } from '../config/load-settings.ts';
import type { Settings } from '../config/settings.ts';
import { readTlsMaterial } from '../sip/transport/tls-material.ts';
import { hostAddressProblems } from './host-addresses.ts';
import { numberExamples } from './number-examples.ts';
import { complaint, EX_CONFIG, settingsArgument } from './settings-argument.ts';
import { srtpWarnings } from './srtp-warnings.ts';
import { teardownWarnings } from './teardown-warnings.ts';

const USAGE = `usage: brusio check-config [--config FILE]

Checks a settings file (and BRUSIO_… variables) and the certificates, clips and addresses it names, prints the complete settings as YAML and exits 0,
or prints every problem with its path and exits ${EX_CONFIG}. Secrets are not printed.
`;

/** `brusio check-config`. */
export async function checkConfig(argv: readonly string[]): Promise<number> {
  const settings = settingsArgument(argv, USAGE);
  if (typeof settings === 'number') return settings;
  const problems = [
    ...certificateProblems(settings),
    ...clipProblems(settings),
    ...familyProblems(settings),
    ...(await hostAddressProblems(settings)),
  ];
  if (problems.length > 0) {
    process.stderr.write(complaint('what the settings name', problems));
    return EX_CONFIG;
  }
  const hidden = {
    ...settings,
    control: { ...settings.control, secret: '(hidden)' },
    http: { ...settings.http, apiKeys: settings.http.apiKeys.map(() => '(hidden)') },
    dialers: {
      ...settings.dialers,
      named: settings.dialers.named.map((one) => ({
        ...one,
        users: one.users.map((user) => ({ ...user, password: '(hidden)' })),
      })),
    },
    carriers: settings.carriers.map((one) => ({ ...one, password: one.password === null ? null : '(hidden)' })),
    webhooks: settings.webhooks.map((one) => ({ ...one, secrets: one.secrets.map(() => '(hidden)') })),
  };
  process.stdout.write(
    stringify(hidden) + numberExamples(settings) + srtpWarnings(settings) + teardownWarnings(settings),
  );
  return 0;
}

/** What is wrong with the clips, at the path of the setting that names one. */
function clipProblems(settings: Settings): readonly SettingsProblem[] {
  const plan = ambiencePlan(settings);
  return plan.ok ? [] : plan.problem;
}

/** What is wrong with the files of TLS, at the path of the setting that names them. */
function certificateProblems({ sip: { tls } }: Settings): readonly SettingsProblem[] {
  const read = readTlsMaterial(tls);
  if (!read.ok) return read.problem.map(({ file, message }) => ({ path: `sip.tls.${file}`, message }));
  const { endsAtMs } = read.value;
  if (endsAtMs === null || endsAtMs > systemClock.now().wallMs) return [];
  return [{ path: 'sip.tls.certificate', message: `ended on ${new Date(endsAtMs).toISOString()}` }];
}
