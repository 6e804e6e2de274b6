/** An installed FreeSWITCH as the dialer, over its event socket. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { copyConfiguration } from '../copied-configuration.ts';
import { endProcess, whileStarting } from '../end-process.ts';
import type { Pbx, Peer, Places } from '../pbx.ts';
import { AGENTS, type PlannedCall } from '../planned-call.ts';
import { DialerSocket } from './dialer-socket.ts';
import { type FreeswitchCall, WAYS } from './ways.ts';

const PASSWORD = 'change-me';
const EVENT_SOCKET_PORT = 8021;
const QUEUE = 'sales@brusio';
/** 1001 and 1002 are in callcenter.conf.xml; a random one of their telephones rings for up to four seconds (`trial.ts`). */
const QUEUE_AGENTS = { from: 1_001, to: 1_040 };
/** Its stamps are of the millisecond (switch.conf's `1ms-timer`), and Brusio knocks at its event socket every 5 ms. */
const STAMP_TO_WIRE_MS = 10;
const READY_WITHIN_MS = 60_000;

/** @param program the server's binary */
export function freeswitchPeer(program: string): Peer {
  return {
    name: 'freeswitch',
    ways: Object.keys(WAYS),
    control: { pbx: EVENT_SOCKET_PORT, wire: 18_021 },
    stampToWireMs: STAMP_TO_WIRE_MS,
    source: ({ host, port }, pbx) => ({
      type: 'freeswitch',
      address: `${host}:${port}`,
      user: `brusio@${pbx}`,
      password: PASSWORD,
      queues: { [QUEUE]: 'spring' },
      disposition: { variable: 'amd_result', machine: ['MACHINE'] },
    }),
    start: (folder, places) => startFreeswitch(program, folder, places),
  };
}

async function startFreeswitch(program: string, folder: string, places: Places): Promise<Pbx> {
  const conf = join(folder, 'conf');
  copyConfiguration(fileURLToPath(new URL('conf', import.meta.url)), conf, {
    '127.0.0.1': places.brusio,
    '127.0.0.3': places.pbx,
    '127.0.0.4': places.phones,
  });
  const own = ['log', 'db', 'run', 'storage', 'recordings', 'cache', 'temp', 'certs', 'sounds'].flatMap((kind) => {
    mkdirSync(join(folder, kind), { recursive: true });
    return [`-${kind}`, join(folder, kind)];
  });
  const server = spawn(program, ['-nf', '-nc', '-np', '-nonat', '-conf', conf, ...own], { stdio: 'ignore' });
  await once(server, 'spawn');
  const dialer = await whileStarting(server, async () => {
    const opened = await DialerSocket.open(places.pbx, EVENT_SOCKET_PORT, PASSWORD);
    await addQueueAgents(opened, places.phones);
    await untilGatewayIsUp(opened);
    return opened;
  });
  return {
    version: execFileSync(program, ['-version'], { encoding: 'utf8' }).trim().split('\n')[0] ?? '',
    place: (call) => WAYS[call.way as keyof typeof WAYS](legsOf(call), dialer, `${places.phones}:5060`),
    release(call) {
      const { customer, agent } = legsOf(call);
      for (const uuid of [agent, customer]) dialer.background(`uuid_kill ${uuid}`);
    },
    bridgeOf(call) {
      const [meeting] = call.way === 'loopback' ? [] : dialer.story(call.id).meetings;
      if (meeting === undefined) return null;
      const extension = dialer.story(meeting.with).destination ?? meeting.with;
      return { at: meeting.at, agent: call.way === 'callcenter' ? `${extension}@brusio` : extension };
    },
    async stop() {
      dialer.close();
      await endProcess(server);
    },
  };
}

function legsOf(call: PlannedCall): FreeswitchCall {
  const { id, number, bridgeAfterMs, way } = call;
  // A loopback half is nobody, however long it stays.
  const afterMs = way === 'loopback' ? null : bridgeAfterMs;
  return {
    number,
    customer: id,
    agent: `${id}-agent`,
    extension: String(2_000 + (call.agent % AGENTS)),
    bridgeAfterMs: afterMs,
  };
}

async function addQueueAgents(dialer: DialerSocket, phones: string): Promise<void> {
  for (let name = QUEUE_AGENTS.from; name <= QUEUE_AGENTS.to; name += 1) {
    const agent = `${name}@brusio`;
    for (const words of [
      `agent add ${agent} callback`,
      `agent set contact ${agent} [leg_timeout=10]sofia/dialer/${name}@${phones}:5060`,
      `agent set status ${agent} Available`,
      `agent set state ${agent} Waiting`,
      `tier add ${QUEUE} ${agent} 1 1`,
    ])
      await dialer.command(`api callcenter_config ${words}`);
  }
}

async function untilGatewayIsUp(dialer: DialerSocket): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (!/Status\s+UP/.test(await dialer.command('api sofia status gateway brusio'))) {
    if (Date.now() > until) throw new Error(`FreeSWITCH does not see Brusio after ${READY_WITHIN_MS} ms`);
    await sleep(200);
  }
}
