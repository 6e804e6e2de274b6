/** `brusio doctor`: whether calls can be guarded here, in plain words. */
import { parseArgs } from 'node:util';
import { describeError } from '../../base/errors.ts';
import { loadSettings } from '../../config/load-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { complaint, EX_CONFIG, EX_USAGE } from '../settings-argument.ts';
import { settingsProblems } from '../settings-problems.ts';
import { databaseFindings } from './database-check.ts';
import { type Finding, findingText, good } from './finding.ts';
import { clockFinding, dataFinding, listenerFindings, rtpFindings } from './host-checks.ts';
import { peerFindings, runningHealth } from './peer-checks.ts';
import { testCall } from './test-call.ts';
import { webhookFindings } from './webhook-check.ts';

const USAGE = `usage: brusio doctor [--config FILE] [--call [--place COMMAND] [--wait SECONDS]]

Looks at everything that calls need: the settings and what they name, the clock, the data folder, PostgreSQL, SIP, HTTP and RTP ports, carriers
(by OPTIONS), PBXs, drachtio-server, rtpengines, webhook endpoints. It may run beside a running Brusio, which it does not disturb.
Exits 0 when nothing keeps calls from being guarded, 1 when something does, ${EX_CONFIG} when the settings are wrong.

  -c, --config FILE     the settings (default: built-in ones and BRUSIO_… variables)
      --call            take one real call of your dialer, in the place of Brusio, with a built-in callee for the carrier: stop
                        Brusio first, then place a call from the dialer, and read what became of it
      --place COMMAND   a shell command that has the dialer place that call, such as
                        "mv test.call /var/spool/asterisk/outgoing/": with a caller id, or the call is refused
      --wait SECONDS    how long the call is waited for and may last (default: 60; 5 to 600)
  -h, --help            this text
`;

type DoctorOptions = {
  readonly settings: Settings;
  readonly call: boolean;
  readonly place: string | null;
  readonly waitMs: number;
};

/** Runs the checks; resolves with the exit code. */
export async function doctor(argv: readonly string[]): Promise<number> {
  const options = await readOptions(argv);
  if (typeof options === 'number') return options;
  const { settings } = options;
  let problems = 0;
  const tell = (findings: readonly Finding[]): void => {
    for (const finding of findings) {
      if (finding.severity === 'problem') problems++;
      process.stdout.write(findingText(finding));
    }
  };
  tell([good('settings', settingsSummary(settings))]);
  const health = await runningHealth(settings);
  tell([await clockFinding(), await dataFinding(settings)]);
  tell(await databaseFindings(settings, health !== null));
  tell(await listenerFindings(settings, health !== null));
  tell(await rtpFindings(settings));
  tell(await peerFindings(settings));
  tell(await webhookFindings(settings));
  if (options.call && problems === 0) {
    const say = (line: string): void => void process.stdout.write(`         ${line}\n`);
    tell(await testCall(settings, { command: options.place, waitMs: options.waitMs, say }));
  } else if (options.call) {
    process.stdout.write('\nno test call: mend the problems first\n');
  }
  process.stdout.write(
    problems === 0 ? '\nno problems\n' : `\n${problems === 1 ? '1 problem' : `${problems} problems`}\n`,
  );
  return problems === 0 ? 0 : 1;
}

async function readOptions(argv: readonly string[]): Promise<DoctorOptions | number> {
  let values: { config?: string; call?: boolean; place?: string; wait?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        config: { type: 'string', short: 'c' },
        call: { type: 'boolean' },
        place: { type: 'string' },
        wait: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (thrown) {
    return misused(describeError(thrown));
  }
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const call = values.call ?? false;
  if (!call && (values.place !== undefined || values.wait !== undefined))
    return misused('--place and --wait go with --call');
  const waitS = Number(values.wait ?? '60');
  if (!Number.isInteger(waitS) || waitS < 5 || waitS > 600) return misused('--wait takes 5 to 600 seconds');
  const settings = loadSettings(values.config ?? null, process.env);
  const problems = settings.ok ? await settingsProblems(settings.value) : settings.problem;
  if (!settings.ok || problems.length > 0) {
    process.stderr.write(complaint(values.config, problems));
    return EX_CONFIG;
  }
  return { settings: settings.value, call, place: values.place ?? null, waitMs: waitS * 1000 };
}

function misused(problem: string): number {
  process.stderr.write(`brusio doctor: ${problem}\n\n${USAGE}`);
  return EX_USAGE;
}

function settingsSummary({ carriers, dialers, agents, webhooks }: Settings): string {
  const count = (of: readonly unknown[], what: string) => `${of.length} ${what}${of.length === 1 ? '' : 's'}`;
  const named = dialers.named.length + (dialers.sources.length > 0 ? 1 : 0);
  return [
    count(carriers, 'carrier'),
    `${named} dialer${named === 1 ? '' : 's'}`,
    count(agents.sources, 'agent source'),
    count(webhooks, 'webhook endpoint'),
  ].join(', ');
}
