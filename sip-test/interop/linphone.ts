/** linphonec (Debian's linphone-cli), steered through its prompt. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workFolder } from '../work-folder.ts';
import { samplesOf } from './tone-file.ts';
import { hearProgram, type UserAgent, type UserAgentOptions, until } from './user-agent.ts';

const RTP_PORT = 23_000;
const STARTED_WITHIN_MS = 15_000;

/** Starts one. */
export async function startLinphone(options: UserAgentOptions): Promise<UserAgent> {
  const { server, transport, user } = options;
  const folder = workFolder(`linphone-${user.replaceAll(/\W/g, '')}`);
  // It makes neither, and without its database it opens no socket.
  for (const needed of ['.local/share/linphone', '.config/linphone'])
    mkdirSync(join(folder, needed), { recursive: true });
  const recording = join(folder, 'heard.wav');
  writeFileSync(join(folder, 'linphonerc'), configOf(options));
  const child = spawn('linphonec', [...(options.answers === false ? [] : ['-a']), '-c', 'linphonerc'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const story = () => output;
  const say = async (line: string) => {
    child.stdin.write(`${line}\n`);
    await sleep(100);
  };
  hearProgram('linphonec', story);
  await until('linphonec: a prompt', () => output.includes('linphonec>'), story, STARTED_WITHIN_MS);
  await say('soundcard use files');
  await say(`play ${options.says}`);
  await say(`record ${recording}`);

  return {
    dial: (number) => say(`call sip:${number}@${server.address}:${server.port};transport=${transport}`),
    hangUp: () => say('terminate'),
    hold: () => say('pause'),
    resume: () => say('resume'),
    press: (key) => say(key),
    established: (withinMs = 15_000) =>
      until('linphonec: a call', () => /Media streams established/.test(output), story, withinMs),
    ended: (withinMs = 15_000) =>
      until('linphonec: the end', () => /Call \d+ with .* ended/.test(output), story, withinMs),
    heard: () => (existsSync(recording) ? samplesOf(recording) : new Int16Array()),
    story,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function configOf({ local, transport, user, tls, srtp }: UserAgentOptions): string {
  // −1 is a random port, 0 none.
  const port = (of: UserAgentOptions['transport']) => (of === transport ? local.port : 0);
  return [
    '[sip]',
    `sip_port=${port('udp')}`,
    `sip_tcp_port=${port('tcp')}`,
    `sip_tls_port=${port('tls')}`,
    `bind_address=${local.address}`,
    `contact=sip:${user}@${local.address}`,
    'guess_hostname=0',
    // Loopback alone is no network to it.
    'auto_net_state_mon=0',
    'use_ipv6=0',
    ...(tls === undefined
      ? []
      : [`root_ca=${tls.authority}`, `client_cert_chain=${tls.certificate}`, 'verify_server_cn=0']),
    ...(srtp === true ? ['media_encryption=srtp', 'media_encryption_mandatory=1'] : []),
    '[rtp]',
    `audio_rtp_port=${RTP_PORT}`,
    `bind_address=${local.address}`,
    '[sound]',
    'echocancellation=0',
    '[video]',
    'capture=0',
    'display=0',
    'automatically_initiate=0',
    'automatically_accept=0',
    '',
  ].join('\n');
}
