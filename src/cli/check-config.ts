import { stringify } from 'yaml';
import { systemClock, toIso } from '../base/clock.ts';
import { databaseWarnings, withoutPassword } from './database-warnings.ts';
import { estimateWarnings } from './estimate-warnings.ts';
import { lawWarnings } from './law-warnings.ts';
import { numberExamples } from './number-examples.ts';
import { ringingWarnings } from './ringing-warnings.ts';
import { roomWarnings } from './room-warnings.ts';
import { ruleWarnings } from './rule-warnings.ts';
import { complaint, EX_CONFIG, settingsArgument } from './settings-argument.ts';
import { settingsProblems } from './settings-problems.ts';
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
  const problems = await settingsProblems(settings);
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
    agents: {
      ...settings.agents,
      sources: settings.agents.sources.map((one) => ({ ...one, password: '(hidden)' })),
    },
    database: { ...settings.database, url: withoutPassword(settings.database.url) },
    homer:
      settings.homer === null || settings.homer.password === null
        ? settings.homer
        : { ...settings.homer, password: '(hidden)' },
    webhooks: settings.webhooks.map((one) => ({ ...one, secrets: one.secrets.map(() => '(hidden)') })),
  };
  process.stdout.write(
    stringify(hidden) +
      numberExamples(settings) +
      roomWarnings(settings) +
      srtpWarnings(settings) +
      teardownWarnings(settings) +
      ruleWarnings(settings) +
      estimateWarnings(settings) +
      ringingWarnings(settings) +
      lawWarnings(settings, toIso(systemClock.now().wallMs).slice(0, 10)) +
      (await databaseWarnings(settings)),
  );
  return 0;
}
