import { stringify } from 'yaml';
import { EX_CONFIG, settingsArgument } from './settings-argument.ts';

const USAGE = `usage: brusio check-config [--config FILE]

Checks a settings file (and BRUSIO_… variables), prints the complete settings as YAML and exits 0,
or prints every problem with its path and exits ${EX_CONFIG}. Secrets are not printed.
`;

/** `brusio check-config`. */
export async function checkConfig(argv: readonly string[]): Promise<number> {
  const settings = settingsArgument(argv, USAGE);
  if (typeof settings === 'number') return settings;
  const hidden = {
    ...settings,
    control: { ...settings.control, secret: '(hidden)' },
    http: { ...settings.http, apiKeys: settings.http.apiKeys.map(() => '(hidden)') },
    carriers: settings.carriers.map((one) => ({ ...one, password: one.password === null ? null : '(hidden)' })),
    webhooks: settings.webhooks.map((one) => ({ ...one, secrets: one.secrets.map(() => '(hidden)') })),
  };
  process.stdout.write(stringify(hidden));
  return 0;
}
