/**
 * Brusio beside a real FreeSWITCH, each way of bringing callee and agent together many times, at random moments from 0.2 to
 * 4 s after the answer: every call bridged within the wait must be class B with the right agent, every other class A.
 *
 *   node sip-test/peers/freeswitch/try.ts --freeswitch /usr/bin/freeswitch --calls 100 [--way NAME] [--cut] [--rate N]
 *
 * Needs 127.0.0.1–4 for itself (on Linux: unshare -rn, ip link set lo up). --cut: the connection to the event socket is
 * cut and restored again and again.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { systemClock } from '../../../src/base/clock.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { createCarrier } from '../../../src/peers/carrier.ts';
import { silentMedia } from '../../silent-media.ts';
import { WebhookListener } from '../../webhook-listener.ts';
import { cuttableWire } from './cuttable-wire.ts';
import { DialerSocket } from './dialer-socket.ts';
import { judge } from './judge.ts';
import { SourceLog } from './source-log.ts';
import { type PlannedCall, WAYS, type WayName } from './ways.ts';

const PBX = '127.0.0.3';
const PHONES = '127.0.0.4';
const PASSWORD = 'change-me';
/** Longer than a cut: a conversation that began and ended while nobody could tell of it is not known. */
const TALK_MS_WITH_CUTS = 6_000;
const TALK_MS = 600;
const CUT_EVERY_MS = 8_000;
const EVENT_SOCKET_PORT = 8021;

const { values: options } = parseArgs({
  options: {
    freeswitch: { type: 'string', default: 'freeswitch' },
    calls: { type: 'string', default: '20' },
    rate: { type: 'string', default: '5' },
    way: { type: 'string' },
    cut: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});
const random = seededRandom(Number(options.seed));
const ways = options.way === undefined ? (Object.keys(WAYS) as WayName[]) : [options.way as WayName];
const log = pino({ level: 'warn' }, pino.destination(2));
const folder = mkdtempSync(join(tmpdir(), 'brusio-beside-freeswitch-'));

const pbx = startFreeswitch();
const webhooks = await WebhookListener.open('127.0.0.1');
const callees = await createCarrier({
  clock: systemClock,
  log,
  openMedia: silentMedia(30_000),
  address: '127.0.0.2',
  port: 5070,
  behaviours: () => ({ kind: 'answers', ringMs: 60 + Math.floor(random() * 200) }),
});
// They speak, so that it can be measured when they are heard. Agents of the queue (10nn) let it ring for a while: that is the random moment there.
const phones = await createCarrier({
  clock: systemClock,
  log,
  address: PHONES,
  port: 5060,
  behaviours: (number) => ({
    kind: 'answers',
    ringMs: number.startsWith('10') ? Math.floor(200 + random() * 3_800) : 20,
  }),
});
const cutter = await cuttableWire({ host: PBX, port: EVENT_SOCKET_PORT }, { host: '127.0.0.1', port: 9021 });
const brusio = startBrusio();
const source = new SourceLog(brusio.stdout);
const dialer = await DialerSocket.open(PBX, EVENT_SOCKET_PORT, PASSWORD);
await addQueueAgents();
await untilReady();

const planned: PlannedCall[] = [];
let cuts = 0;
const cutting = options.cut
  ? setInterval(() => {
      cuts += 1;
      cutter.cut(300 + Math.floor(random() * 1_200));
    }, CUT_EVERY_MS)
  : undefined;
for (let index = 0; index < Number(options.calls); index += 1) {
  for (const way of ways) {
    const call = planCall(way, planned.length);
    planned.push(call);
    WAYS[way](call, dialer, `${PHONES}:5060`);
    endInTime(call);
    await sleep(1_000 / Number(options.rate));
  }
}
const until = Date.now() + 60_000;
while (webhooks.deliveries.length < planned.length && Date.now() < until) await sleep(100);
clearInterval(cutting);
await sleep(300);

const verdict = judge(
  planned,
  webhooks.deliveries.map(({ outcome }) => outcome),
  dialer,
  source,
);
process.stdout.write(`${verdict.text}\n${options.cut ? `connection cut ${cuts} times\n` : ''}`);
const metrics = await (
  await fetch('http://127.0.0.1:8080/metrics', { headers: { authorization: 'Bearer try-key-of-24-characters' } })
).text();
process.stdout.write(
  `${metrics
    .split('\n')
    .filter((line) => line.startsWith('brusio_agent'))
    .join('\n')}\n`,
);
dialer.close();
brusio.kill('SIGTERM');
pbx.kill('SIGTERM');
cutter.close();
await Promise.all([callees.stop(), phones.stop(), webhooks.close()]);
process.stdout.write(`what both wrote: ${folder}\n`);
process.exit(verdict.wrong === 0 ? 0 : 1);

function planCall(way: WayName, index: number): PlannedCall {
  const never = way === 'loopback' || random() < 0.1;
  return {
    way,
    number: `+39029${String(index).padStart(6, '0')}`,
    customer: `cust-${index}-${options.seed}`,
    agent: `agent-${index}-${options.seed}`,
    extension: `2${String(index % 50).padStart(3, '0')}`,
    bridgeAfterMs: never && way !== 'callcenter' ? null : Math.floor(200 + random() * 3_800),
  };
}

/** Hangs up a while after the two met, and in any case. */
function endInTime(call: PlannedCall): void {
  const from = Date.now();
  const timer = setInterval(() => {
    const { meetings, hungUp } = dialer.story(call.customer);
    const met = call.way !== 'loopback' && meetings.length > 0;
    if (!hungUp && !met && Date.now() - from < 9_000) return;
    clearInterval(timer);
    setTimeout(
      () => {
        for (const uuid of [call.agent, call.customer]) dialer.background(`uuid_kill ${uuid}`);
      },
      options.cut ? TALK_MS_WITH_CUTS : TALK_MS,
    );
  }, 50);
}

async function addQueueAgents(): Promise<void> {
  for (let index = 3; index <= 40; index += 1) {
    const name = `10${String(index).padStart(2, '0')}`;
    const agent = `${name}@brusio`;
    await dialer.command(`api callcenter_config agent add ${agent} callback`);
    await dialer.command(
      `api callcenter_config agent set contact ${agent} [leg_timeout=10]sofia/dialer/${name}@${PHONES}:5060`,
    );
    await dialer.command(`api callcenter_config agent set status ${agent} Available`);
    await dialer.command(`api callcenter_config agent set state ${agent} Waiting`);
    await dialer.command(`api callcenter_config tier add sales@brusio ${agent} 1 1`);
  }
}

async function untilReady(): Promise<void> {
  for (;;) {
    const gateway = await dialer.command('api sofia status gateway brusio');
    const metrics = await fetch('http://127.0.0.1:8080/metrics', {
      headers: { authorization: 'Bearer try-key-of-24-characters' },
    }).then(
      (answer) => answer.text(),
      () => '',
    );
    if (/Status\s+UP/.test(gateway) && /brusio_agent_source_up\{[^}]*\} 1/.test(metrics)) return;
    await sleep(200);
  }
}

function startFreeswitch() {
  const conf = join(folder, 'conf');
  cpSync(fileURLToPath(new URL('conf', import.meta.url)), conf, { recursive: true });
  const own = ['log', 'db', 'run', 'storage', 'recordings', 'cache', 'temp', 'certs', 'sounds'].flatMap((kind) => {
    mkdirSync(join(folder, kind), { recursive: true });
    return [`-${kind}`, join(folder, kind)];
  });
  return spawn(options.freeswitch, ['-nf', '-nc', '-np', '-nonat', '-conf', conf, ...own], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function startBrusio() {
  const settings = {
    carriers: [{ uri: 'sip:127.0.0.2:5070' }],
    agents: {
      sources: [
        {
          type: 'freeswitch',
          name: 'pbx',
          address: '127.0.0.1:9021',
          password: PASSWORD,
          queues: { 'sales@brusio': 'spring' },
        },
      ],
    },
  };
  const file = join(folder, 'brusio.yaml');
  writeFileSync(file, JSON.stringify(settings));
  return spawn(process.execPath, ['src/main.ts', 'run', '--config', file], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    env: {
      ...process.env,
      BRUSIO_DATA: join(folder, 'data'),
      BRUSIO_API_KEY: 'try-key-of-24-characters',
      BRUSIO_WEBHOOK_URL: webhooks.url,
      BRUSIO_WEBHOOK_SECRET: webhooks.secret,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
