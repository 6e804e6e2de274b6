import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { systemClock } from '../../base/clock.ts';
import type { SettingsInput } from '../../config/settings.ts';
import { createCarrier } from '../../peers/carrier.ts';
import { createDialer } from '../../peers/dialer.ts';
import { SILENT_LOG } from '../../testing/fake-ports.ts';
import { clockFinding } from './host-checks.ts';

let dir: string;
const opened: (() => unknown)[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doctor-test-'));
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  rmSync(dir, { recursive: true, force: true });
});

/** A TCP port that nobody has at this moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

type Said = { code: number | null; text: string };

function doctor(settings: SettingsInput, ...argv: string[]): Promise<Said> {
  return startDoctor(settings, argv).said;
}

/** The running doctor, and what it has said so far. */
function startDoctor(settings: SettingsInput, argv: readonly string[]): { said: Promise<Said>; soFar: () => string } {
  const file = join(dir, 'brusio.yaml');
  writeFileSync(file, stringify(settings));
  const child = spawn(process.execPath, ['src/main.ts', 'doctor', '--config', file, ...argv]);
  let text = '';
  child.stdout.on('data', (octets) => (text += octets));
  child.stderr.on('data', (octets) => (text += octets));
  const said = once(child, 'close').then(([code]) => ({ code, text }));
  return { said, soFar: () => text };
}

async function settingsWith(more: SettingsInput): Promise<SettingsInput> {
  return {
    sip: { listen: `127.0.0.1:${await freePort()}` },
    http: { listen: `127.0.0.1:${await freePort()}` },
    rtp: { portMin: 31_000, portMax: 31_399 },
    limits: { callsMax: 100 },
    data: { dir: join(dir, 'data') },
    ...more,
  };
}

async function carrierUri(): Promise<string> {
  const carrier = await createCarrier({
    ...{ address: '127.0.0.1', port: 0, clock: systemClock, log: SILENT_LOG },
    behaviours: () => ({ kind: 'answers', ringMs: 100 }),
  });
  opened.push(() => carrier.stop());
  return `sip:127.0.0.1:${carrier.local.port}`;
}

describe('brusio doctor', () => {
  it('finds nothing wrong where everything answers', async () => {
    const webhook = createHttpServer((_request, response) => response.writeHead(405).end()).listen(0, '127.0.0.1');
    await once(webhook, 'listening');
    opened.push(() => webhook.close());
    const url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`;
    const uri = await carrierUri();
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const { code, text } = await doctor(
      await settingsWith({ carriers: [{ name: 'trunk', uri }], webhooks: [{ url, secrets: [secret] }] }),
    );
    expect(text).toContain(`carrier trunk            ${uri} answers OPTIONS`);
    expect(text).toContain('webhook default');
    expect(text).not.toContain('PROBLEM');
    expect(text).not.toContain(secret);
    expect(text.endsWith('\nno problems\n')).toBe(true);
    expect(code).toBe(0);
  });

  it('names everything that does not answer, and what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    opened.push(() => taken.close());
    const sip = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    const dead = await freePort();
    const { code, text } = await doctor(
      await settingsWith({
        sip: { listen: sip },
        carriers: [
          { name: 'trunk', uri: `sip:127.0.0.1:${dead}`, optionsTimeoutMs: 500, optionsIntervalMs: 20_000 },
          { name: 'never-asked', uri: `sip:127.0.0.1:${dead}`, optionsTimeoutMs: 500 },
        ],
        agents: {
          sources: [{ type: 'asterisk-ami', name: 'pbx', address: `127.0.0.1:${dead}`, username: 'u', password: 'p' }],
        },
        webhooks: [{ url: `http://127.0.0.1:${dead}/`, secrets: [`whsec_${Buffer.alloc(32).toString('base64')}`] }],
      }),
    );
    const problems = text.split('\n').filter((line) => line.startsWith('PROBLEM'));
    expect(problems.map((line) => line.slice(9, 33).trim())).toEqual([
      `SIP ${sip}`,
      'carrier trunk',
      'agent source pbx',
      'webhook default',
    ]);
    expect(text).toMatch(/^warning +carrier never-asked +.* does not answer OPTIONS$/m);
    expect(text.split('\n').filter((line) => line.trimStart().startsWith('→')).length).toBeGreaterThanOrEqual(4);
    expect(code).toBe(1);
  });

  it('takes a call of the dialer, and tells what its callee heard and what became of it', async () => {
    // As of many carriers, nobody answers OPTIONS there; the callee is built in.
    const silent = { name: 'trunk', uri: `sip:127.0.0.1:${await freePort()}`, optionsTimeoutMs: 500 };
    const settings = await settingsWith({ carriers: [silent] });
    const port = Number(String(settings.sip?.listen).split(':')[1]);
    const running = startDoctor(settings, ['--call', '--wait', '50']);
    await expect.poll(running.soFar, { timeout: 40_000 }).toContain('place a call from your dialer now');
    const dialer = await createDialer({
      ...{ address: '127.0.0.1', port: 0, clock: systemClock, log: SILENT_LOG },
      server: { address: '127.0.0.1', port },
    });
    opened.push(() => dialer.stop());
    await dialer.placeCall({
      ...{ number: '+393331234567', callerId: '+390612345678', headers: { 'X-Brusio-Campaign': 'luce' } },
    });
    const { code, text } = await running.said;
    expect(text).toContain('from dialer default, campaign luce, reference none');
    expect(text).toMatch(/what the callee heard +ambience open-plan-office in PCMA, \d+\.\d ms after the answer/);
    expect(text).toContain('class A, silent, ended by guard (deadline)');
    expect(text).not.toContain('+393331234567');
    // On a machine that is too busy the callee heard it too late, and the doctor says so.
    expect(code).toBe(text.includes('PROBLEM') ? 1 : 0);
  });

  it('is misused with 64, and told of wrong settings with 78', async () => {
    expect(await doctor({}, '--wait', '9')).toMatchObject({ code: 64 });
    expect(await doctor({ rtp: { portMin: 1 } })).toMatchObject({ code: 78 });
  });
});

describe('the clock', () => {
  const answers = (by: Record<string, string>) => async (file: string) => {
    const text = by[file];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  };

  it.each([
    [{ timedatectl: 'yes\n' }, 'ok'],
    [{ chronyc: 'Reference ID : 1\nLeap status     : Normal\n' }, 'ok'],
    [{ timedatectl: 'no\n', chronyc: 'Leap status     : Normal\n' }, 'ok'],
    [{ timedatectl: 'no\n' }, 'problem'],
    [{ chronyc: 'Leap status     : Not synchronised\n' }, 'problem'],
    [{}, 'warning'],
  ])('%o is %s', async (programs, severity) => {
    expect((await clockFinding(answers(programs))).severity).toBe(severity);
  });
});
