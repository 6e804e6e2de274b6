/** An installed Asterisk as the dialer, over AMI and ARI. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyConfiguration } from '../copied-configuration.ts';
import { endProcess, whileStarting } from '../end-process.ts';
import type { Pbx, Peer, Places } from '../pbx.ts';
import { AGENTS } from '../planned-call.ts';
import { BridgeWitness } from './bridge-witness.ts';
import { DialerAmi } from './dialer-ami.ts';
import { DialerAri } from './dialer-ari.ts';
import { APPLICATION, agentChannel, WAYS } from './ways.ts';

/** Where the installation is; what is left out is looked for. */
export type AsteriskInstallation = {
  readonly program: string;
  readonly modules: string | undefined;
  readonly data: string | undefined;
  readonly protocol: 'ari' | 'ami';
};

const PORTS = { ami: 5_038, http: 8_088 };
/** The runner's own user of AMI and ARI, added to the copy. */
const USER = { name: 'judge', password: 'judge-password' };
const DISPOSITION = { variable: 'AMDSTATUS', machine: ['MACHINE'] };
const READY_WITHIN_MS = 60_000;

/** Brusio is told by ARI, or by AMI. */
export function asteriskPeer(installation: AsteriskInstallation): Peer {
  const isAri = installation.protocol === 'ari';
  return {
    name: `asterisk-${installation.protocol}`,
    ways: Object.keys(WAYS),
    control: isAri ? { pbx: PORTS.http, wire: 18_088 } : { pbx: PORTS.ami, wire: 15_038 },
    stampToWireMs: 0,
    source: ({ host, port }) =>
      isAri
        ? {
            type: 'asterisk-ari',
            url: `http://${host}:${port}`,
            username: 'brusio',
            disposition: DISPOSITION,
            password: 'ari-password-of-brusio',
          }
        : {
            type: 'asterisk-ami',
            address: `${host}:${port}`,
            username: 'brusio',
            disposition: DISPOSITION,
            password: 'ami-secret-of-brusio',
            // ARI's calls never enter the dialplan, where the Call-ID would be put into a variable.
            uniqueidIsReference: true,
          },
    start: (folder, places) => startAsterisk(installation, folder, places),
  };
}

async function startAsterisk(installation: AsteriskInstallation, folder: string, places: Places): Promise<Pbx> {
  const { program } = installation;
  copyConfiguration(
    import.meta.dirname,
    folder,
    { '127.0.0.1': places.brusio, '127.0.0.21': places.pbx, '127.0.0.31': places.phones },
    additions(places),
  );
  const config = join(folder, 'asterisk.conf');
  writeFileSync(config, mainConfiguration(installation, folder));
  const server = spawn(program, ['-f', '-C', config], { stdio: 'ignore' });
  await once(server, 'spawn');
  const command = (text: string) =>
    execFileSync(program, ['-C', config, '-rx', text], { encoding: 'utf8', stdio: 'pipe' });
  const witness = new BridgeWitness();
  const { ami, ari } = await whileStarting(server, async () => {
    const until = Date.now() + READY_WITHIN_MS;
    while (!hasBooted(command)) {
      if (server.exitCode !== null || Date.now() > until) throw new Error(`Asterisk did not start:\n${logOf(folder)}`);
      await sleep(200);
    }
    return {
      ami: await DialerAmi.open({ host: places.pbx, port: PORTS.ami }, USER, (event) => witness.take(event)),
      ari: await DialerAri.open({ host: places.pbx, port: PORTS.http }, USER, APPLICATION),
    };
  });
  const released = new Set<string>();
  const dialer = {
    ami,
    ari,
    later: (call: { id: string }, ms: number, then: () => Promise<unknown>) =>
      void setTimeout(() => (released.has(call.id) ? null : void then()), ms),
  };
  return {
    version: execFileSync(program, ['-V'], { encoding: 'utf8' }).trim(),
    place: (call) => void WAYS[call.way as keyof typeof WAYS](call, dialer),
    release(call) {
      released.add(call.id);
      for (const Channel of [call.id, agentChannel(call)]) void ami.act('Hangup', { Channel });
      if (!call.way.startsWith('ari-')) return;
      for (const what of ['holding', 'mixing', 'talk']) void ari.ask('DELETE', `bridges/${call.id}-${what}`);
    },
    bridgeOf: (call) => witness.meeting(call.id),
    async stop() {
      ami.close();
      ari.close();
      await endProcess(server);
    },
  };
}

/** Agents, as many as are needed, and the runner's own user. */
function additions({ phones }: Places): Readonly<Record<string, string>> {
  const names = Array.from({ length: AGENTS }, (_, index) => `agent${String(index).padStart(2, '0')}`);
  const endpoint = (name: string) =>
    `\n[${name}](agent)\naors = ${name}\n[${name}]\ntype = aor\ncontact = sip:${name}@${phones}:5060\n`;
  const { name, password } = USER;
  return {
    'pjsip.conf': names.map(endpoint).join(''),
    'queues.conf': `\n${names.map((one) => `member => PJSIP/${one},0,Name of ${one}`).join('\n')}\n`,
    'manager.conf': `\n[${name}]\nsecret = ${password}\nread = call\nwrite = originate,call,system\n`,
    'ari.conf': `\n[${name}]\ntype = user\npassword = ${password}\n`,
  };
}

function mainConfiguration({ program, modules, data }: AsteriskInstallation, folder: string): string {
  const own = join(folder, 'var');
  for (const name of ['run', 'log', 'db', 'spool']) mkdirSync(join(own, name), { recursive: true });
  const prefix = dirname(dirname(program));
  const library = data ?? firstThere([join(prefix, 'var/lib/asterisk'), '/usr/share/asterisk', '/var/lib/asterisk']);
  const places = {
    astetcdir: folder,
    astmoddir:
      modules ??
      firstThere([
        join(prefix, 'lib/asterisk/modules'),
        '/usr/lib/asterisk/modules',
        '/usr/lib64/asterisk/modules',
        '/usr/lib/x86_64-linux-gnu/asterisk/modules',
      ]),
    astvarlibdir: library,
    astdatadir: library,
    astagidir: join(library, 'agi-bin'),
    astdbdir: join(own, 'db'),
    astkeydir: join(own, 'db'),
    astcachedir: join(own, 'spool'),
    astspooldir: join(own, 'spool'),
    astrundir: join(own, 'run'),
    astlogdir: join(own, 'log'),
    astsbindir: dirname(program),
  };
  const lines = Object.entries(places).map(([name, place]) => `${name} = ${place}\n`);
  return `[directories]\n${lines.join('')}[options]\nnocolor = yes\n`;
}

function firstThere(places: readonly string[]): string {
  return places.find((place) => existsSync(place)) ?? places[0] ?? '';
}

function hasBooted(command: (text: string) => string): boolean {
  try {
    return command('core waitfullybooted').includes('fully booted');
  } catch {
    // Its socket is not there yet.
    return false;
  }
}

function logOf(folder: string): string {
  const file = join(folder, 'var/log/messages.log');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
