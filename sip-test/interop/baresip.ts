/** baresip, steered over its ctrl_tcp module: JSON in netstrings, commands one way and events the other. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workFolder } from '../work-folder.ts';
import { samplesOf } from './tone-file.ts';
import { hearProgram, type UserAgent, type UserAgentOptions, until } from './user-agent.ts';

const CONTROL_PORT = 4444;
const STARTED_WITHIN_MS = 15_000;
const RTP_PORTS = '22000-22100';

/** ESTABLISHED comes with the ACK's 2xx sent or received. */
const ESTABLISHED = 'CALL_ESTABLISHED';
const CLOSED = 'CALL_CLOSED';

/** Starts one. */
export async function startBaresip(options: UserAgentOptions): Promise<UserAgent> {
  const { local, server, transport, user } = options;
  const folder = workFolder(`baresip-${user.replaceAll(/\W/g, '')}`);
  writeFileSync(join(folder, 'config'), configOf(options, folder));
  writeFileSync(join(folder, 'contacts'), '');
  const to = `sip:${server.address}:${server.port};transport=${transport}`;
  const parameters = [
    'regint=0',
    `answermode=${options.answers === false ? 'manual' : 'auto'}`,
    'ptime=20',
    ...(options.srtp === true ? ['mediaenc=srtp-mand'] : []),
    `outbound="${to}"`,
  ].join(';');
  writeFileSync(join(folder, 'accounts'), `<sip:${user}@${local.address};transport=${transport}>;${parameters}\n`);

  const child = spawn('baresip', ['-f', folder, '-v'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const story = () => output.replaceAll(/\[\d:[^)]*\)\s*/g, '');
  hearProgram('baresip', story);
  const control = await connected(local.address, story);
  const events: string[] = [];
  let pending = Buffer.alloc(0);
  control.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const colon = pending.indexOf(':');
      const length = Number(pending.subarray(0, colon).toString());
      if (colon === -1 || pending.length < colon + length + 2) return;
      const message = JSON.parse(pending.subarray(colon + 1, colon + 1 + length).toString()) as { type?: string };
      pending = pending.subarray(colon + length + 2);
      if (message.type !== undefined) events.push(message.type);
      output += `\n${JSON.stringify(message)}\n`;
    }
  });
  control.on('error', () => undefined);
  const command = async (name: string, params = '') => {
    const body = JSON.stringify({ command: name, params, token: name });
    control.write(`${Buffer.byteLength(body)}:${body},`);
    // The answer is not waited for: what follows from a command is seen at the other end of the call.
    await sleep(50);
  };

  return {
    dial: (number) => command('dial', `sip:${number}@${server.address}:${server.port}`),
    hangUp: () => command('hangup'),
    hold: () => command('hold'),
    resume: () => command('resume'),
    press: (key) => command('sndcode', key),
    established: (withinMs = 15_000) =>
      until('baresip: a call established', () => events.includes(ESTABLISHED), story, withinMs),
    ended: (withinMs = 15_000) => until('baresip: the call closed', () => events.includes(CLOSED), story, withinMs),
    heard() {
      const recording = readdirSync(folder).find((name) => name.endsWith('-dec.wav'));
      return recording === undefined ? new Int16Array() : samplesOf(join(folder, recording));
    },
    story,
    async close() {
      control.destroy();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function connected(address: string, story: () => string): Promise<Socket> {
  const giveUpAtMs = Date.now() + STARTED_WITHIN_MS;
  for (;;) {
    const socket = connect(CONTROL_PORT, address);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return socket;
    if (Date.now() > giveUpAtMs) throw new Error(`baresip did not start\n${story()}`);
    await sleep(50);
  }
}

function configOf({ local, says, tls, transport }: UserAgentOptions, folder: string): string {
  return [
    // baresip listens for TLS on the port after.
    `sip_listen ${local.address}:${transport === 'tls' ? local.port - 1 : local.port}`,
    `net_interface ${local.address}`,
    ...(tls === undefined ? [] : [`sip_certificate ${tls.certificate}`, `sip_cafile ${tls.authority}`]),
    'call_local_timeout 120',
    'call_max_calls 4',
    `audio_source aufile,${says}`,
    `audio_player aufile,${join(folder, 'player.wav')}`,
    'ausrc_srate 8000',
    'auplay_srate 8000',
    'ausrc_channels 1',
    'auplay_channels 1',
    'audio_txmode poll',
    'ausrc_format s16',
    'auplay_format s16',
    `rtp_ports ${RTP_PORTS}`,
    `snd_path ${folder}`,
    'module_path /usr/lib/baresip/modules',
    ...['g711', 'aufile', 'sndfile', 'srtp'].map((name) => `module ${name}.so`),
    'module_tmp account.so',
    ...['menu', 'ctrl_tcp'].map((name) => `module_app ${name}.so`),
    `ctrl_tcp_listen ${local.address}:${CONTROL_PORT}`,
    '',
  ].join('\n');
}
