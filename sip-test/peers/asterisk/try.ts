/**
 * Calls through a real Asterisk, Brusio between it and a carrier: agents come in every way that dialers know, at random
 * times; then each outcome's class and agent is compared with what must be.
 *
 *   node sip-test/peers/asterisk/try.ts --asterisk /usr/sbin/asterisk --modules /usr/lib/asterisk/modules
 *     --data /usr/share/asterisk [--source ari|ami|ami-uniqueid|vicidial] [--ways dial,queue] [--calls 80] [--rate 4] [--cut]
 *
 * Needs 127.0.0.1, .12, .21 and .31 for itself, and SIPp. Exit code 1 when any outcome is wrong.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { OutcomeRecord } from '../../../src/policy/outcome-record.ts';
import { BrusioProcess } from '../../brusio-process.ts';
import { WebhookListener } from '../../webhook-listener.ts';
import { removeWorkFolders } from '../../work-folder.ts';
import { cuttableWire } from '../freeswitch/cuttable-wire.ts';
import { AsteriskProcess } from './asterisk-process.ts';
import { Dialer, TRIAL_USER, type TrialCall, WAYS, type Way } from './dialer.ts';

const ASTERISK = '127.0.0.21';
const [AMI_PORT, AMI_CUT_PORT, HTTP_PORT, HTTP_CUT_PORT] = [5038, 15038, 8088, 18088];
/** The telephones ring so long (carrier-answers.xml). */
const RING_MS = 200;
/** Around the three seconds neither class is wrong: an agent takes some ms to ring and to answer. */
const [CERTAIN_B_MS, CERTAIN_A_MS] = [2_600, 3_100];
/** How long the connection is cut, and how soon after that the source is back at the latest. */
const [CUT_MS, RECONNECTED_WITHIN_MS] = [700, 900];
const AGENTS = ['anna', 'bruno'] as const;

const { values } = parseArgs({
  options: {
    asterisk: { type: 'string', default: '/usr/sbin/asterisk' },
    modules: { type: 'string', default: '/usr/lib/asterisk/modules' },
    data: { type: 'string', default: '/usr/share/asterisk' },
    source: { type: 'string', default: 'ari' },
    ways: { type: 'string', default: WAYS.join() },
    calls: { type: 'string', default: '80' },
    rate: { type: 'string', default: '4' },
    cut: { type: 'boolean', default: false },
  },
});

type Trial = TrialCall & { readonly way: Way; readonly bridgeAtMs: number };

/** Ways in which the call's name does not come by this source's way of naming: they would prove nothing. */
const UNNAMED: Readonly<Record<string, readonly Way[]>> = {
  ami: ['ari'],
  'ami-uniqueid': ['local', 'local-kept'],
  vicidial: ['ari'],
};

const trials: readonly Trial[] = Array.from({ length: Number(values.calls) }, (_, index) => {
  const ways = WAYS.filter((way) => values.ways.split(',').includes(way) && !UNNAMED[values.source]?.includes(way));
  const way = ways[index % ways.length] ?? 'dial';
  let bridgeAtMs = 0;
  do bridgeAtMs = 300 + Math.random() * 3_700;
  while (bridgeAtMs > CERTAIN_B_MS && bridgeAtMs < CERTAIN_A_MS);
  const agent = AGENTS[index % AGENTS.length] ?? 'anna';
  // Where the agent's telephone rings first, that time is part of the wait.
  const delayMs = Math.max(0, way === 'conference' ? bridgeAtMs : bridgeAtMs - RING_MS);
  // As VICIdial makes its call codes: V, date and time, lead.
  const id = `V1122130000${String(index).padStart(10, '0')}`;
  return { id, number: String(390_600_000_000 + index), agent, way, bridgeAtMs, delayMs };
});

function sourceSettings() {
  const disposition = { variable: 'AMDSTATUS', machine: ['MACHINE'] };
  const common = { name: 'pbx', username: 'brusio', disposition };
  if (values.source === 'ari') {
    const port = values.cut ? HTTP_CUT_PORT : HTTP_PORT;
    return { ...common, type: 'asterisk-ari', url: `http://${ASTERISK}:${port}`, password: 'ari-password-of-brusio' };
  }
  const address = `${ASTERISK}:${values.cut ? AMI_CUT_PORT : AMI_PORT}`;
  const ami = { ...common, type: 'asterisk-ami', address, password: 'ami-secret-of-brusio' };
  if (values.source === 'ami') return ami;
  if (values.source === 'vicidial') return { ...ami, callIdVariable: null, vicidial: true };
  return { ...ami, callIdVariable: null, uniqueidIsReference: true };
}

function answerer(address: string, calls: number): ChildProcess {
  const scenario = fileURLToPath(new URL('../../scenarios/carrier-answers.xml', import.meta.url));
  const media = ['-mi', address, '-key', 'rtp_address', address, '-key', 'rtp_port', '40000'];
  const options = ['-sf', scenario, '-i', address, '-p', '5060', '-m', String(calls), '-nostdin', ...media];
  return spawn('sipp', options, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH, TERM: 'dumb' },
  });
}

/** When the source could know of the agent at the earliest, from the answer: not while it was cut off. */
function knownAtMs({ bridgeAtMs }: Trial, { times }: OutcomeRecord, cuts: readonly number[]): number {
  const answeredAtMs = Date.parse(times.answered ?? '');
  const cut = cuts.map((at) => at - answeredAtMs).find((at) => at - 100 < bridgeAtMs && bridgeAtMs < at + CUT_MS);
  return cut === undefined ? bridgeAtMs : cut + CUT_MS + RECONNECTED_WITHIN_MS;
}

/** Null when the outcome is right, or none can be wrong. */
function problemOf(trial: Trial, outcome: OutcomeRecord | undefined, cuts: readonly number[]): string | null {
  const { way, bridgeAtMs, agent } = trial;
  if (outcome === undefined) return 'no outcome';
  // Nobody is brought: the call is the machine's.
  if (way === 'machine') return outcome.answeredBy === 'machine' && outcome.agent === null ? null : outcome.answeredBy;
  const isLate = bridgeAtMs > CERTAIN_B_MS;
  if (!isLate && knownAtMs(trial, outcome, cuts) > CERTAIN_B_MS) return null;
  if (outcome.class !== (isLate ? 'A' : 'B')) return `class ${outcome.class}`;
  const named = outcome.agent?.id ?? null;
  // A queue chooses its member by itself.
  const right = (way === 'queue' ? AGENTS : [agent]).map((one) => `PJSIP/${one}`);
  return (isLate ? named === null : right.includes(named ?? '')) ? null : `agent ${named}`;
}

const webhook = await WebhookListener.open('127.0.0.1');
const asterisk = new AsteriskProcess({ binary: values.asterisk, modules: values.modules, data: values.data });
const brusio = new BrusioProcess({
  webhook,
  environment: {
    BRUSIO_SIP_LISTEN: '127.0.0.1:5060',
    BRUSIO_RTP_ADDRESS: '127.0.0.1',
    BRUSIO_RTP_PORTS: '20000-29999',
  },
  settings: { carriers: [{ uri: 'sip:127.0.0.12:5060' }], agents: { sources: [sourceSettings()] } },
});
const processes: ChildProcess[] = [];
const wires = [
  await cuttableWire({ host: ASTERISK, port: AMI_PORT }, { host: ASTERISK, port: AMI_CUT_PORT }),
  await cuttableWire({ host: ASTERISK, port: HTTP_PORT }, { host: ASTERISK, port: HTTP_CUT_PORT }),
];
let wrong = 0;
try {
  // First, so that Asterisk finds its trunk reachable.
  await brusio.start();
  processes.push(answerer('127.0.0.12', trials.length), answerer('127.0.0.31', trials.length * 2));
  const { name, password } = TRIAL_USER;
  await asterisk.start({
    'manager.conf': `\n[${name}]\nsecret = ${password}\nread = call\nwrite = originate,call,system\n`,
    'ari.conf': `\n[${name}]\ntype = user\npassword = ${password}\n`,
  });
  // Many calls at once for two telephones.
  asterisk.command('queue set ringinuse yes on PJSIP/anna in sales');
  asterisk.command('queue set ringinuse yes on PJSIP/bruno in sales');
  await sleep(500);
  const dialer = await Dialer.start(ASTERISK, AMI_PORT, HTTP_PORT);
  const placed: Promise<void>[] = [];
  const cuts: number[] = [];
  for (const [index, trial] of trials.entries()) {
    placed.push(dialer.place(trial.way, trial));
    if (values.cut && index % Math.ceil(Number(values.rate) * 3) === 5) {
      for (const wire of wires) wire.cut(CUT_MS);
      cuts.push(Date.now());
    }
    await sleep(1_000 / Number(values.rate));
  }
  await sleep(6_000);
  asterisk.command('channel request hangup all');
  await sleep(2_000);
  dialer.stop();
  const byReference = new Map(webhook.deliveries.map(({ outcome }) => [outcome.dialerReference, outcome]));
  for (const trial of trials) {
    const outcome = byReference.get(trial.id);
    const problem = problemOf(trial, outcome, cuts);
    if (problem === null) continue;
    wrong++;
    console.log(`${trial.id} ${trial.way}: ${problem}, agent brought at ${Math.round(trial.bridgeAtMs)} ms`, {
      waitMs: outcome?.waitMs,
      answered: outcome?.times.answered,
      endCause: outcome?.endCause,
      sip: outcome?.sip,
      cuts: cuts.map((at) => at - Date.parse(outcome?.times.answered ?? '')).filter((ms) => Math.abs(ms) < 4_000),
    });
  }
  const classes = Object.groupBy(trials, ({ id }) => String(byReference.get(id)?.class));
  console.log(
    Object.entries(classes).map(([name, all]) => `${name}: ${all?.length}`),
    `wrong: ${wrong}`,
  );
  const metrics = await brusio.api.metrics();
  console.log(
    metrics
      .split('\n')
      .filter((line) => /^brusio_agent.*(?:_sum|_count|_total|_up)/.test(line))
      .join('\n'),
  );
} finally {
  for (const wire of wires) wire.close();
  if (brusio.alive()) await brusio.stop();
  await asterisk.stop();
  for (const child of processes) child.kill('SIGKILL');
  await webhook.close();
  removeWorkFolders();
}
process.exitCode = wrong === 0 ? 0 : 1;
