/** docs/plugin.md's example, as it stands there: compiled against the built package, run on a server of its own, called. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../src/base/clock.ts';
import { type Carrier, createCarrier } from '../src/peers/carrier.ts';
import { createDialer, type Dialer } from '../src/peers/dialer.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../src/sip/engine-options.ts';
import { type Engine, startEngine } from '../src/sip/engine-thread.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const address = '127.0.0.1';
const quiet = pino({ level: 'silent' });
const LIMIT_MS = 120_000;

describe('docs/plugin.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-plugin-'));
  const application = join(folder, 'application.ts');
  let engine: Engine;
  let carrier: Carrier;
  let dialer: Dialer;
  let child: ChildProcess;
  let output = '';

  beforeAll(async () => {
    installPackage(folder);
    const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/plugin.md'), 'utf8')) ?? [];
    writeFileSync(application, example);
    engine = await startEngine({
      ...DEFAULT_ENGINE_OPTIONS,
      listen: [{ protocols: ['udp'], address, port: 0, externalAddress: null }],
    });
    const peer = { address, port: 0, clock: systemClock, log: quiet };
    carrier = await createCarrier({ ...peer, behaviours: () => ({ kind: 'answers', ringMs: 20 }) });
    const port = Number((engine.listening[0] ?? '').split(':').at(-1));
    dialer = await createDialer({ ...peer, server: { address, port } });
    child = spawn(process.execPath, [application], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        DRACHTIO_HOST: engine.controlHost,
        DRACHTIO_PORT: String(engine.controlPort),
        DRACHTIO_SECRET: engine.secret,
        CARRIER: `sip:${address}:${carrier.local.port}`,
        DATA: join(folder, 'data'),
        HTTP_LISTEN: `${address}:0`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    await said(/guarding/);
  }, LIMIT_MS);
  afterAll(async () => {
    child?.kill('SIGKILL');
    await dialer?.stop();
    await carrier?.stop();
    await engine?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function said(what: RegExp): Promise<void> {
    const giveUpAtMs = systemClock.monotonicMs() + 50_000;
    while (!what.test(output)) {
      if (child.exitCode !== null || systemClock.monotonicMs() > giveUpAtMs) throw new Error(`no ${what}:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('compiles against the types of the package', { timeout: LIMIT_MS }, () => {
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2024', '--module', 'nodenext'];
    const { stdout, status } = spawnSync('tsc', [...options, '--types', 'node', application], {
      encoding: 'utf8',
      cwd: folder,
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it('guards a call that the application does not keep', { timeout: LIMIT_MS }, async () => {
    const result = await dialer.placeCall({
      number: '+393331234567',
      callerId: '+390212345678',
      headers: { 'X-Brusio-Agent': '1001;state=connected' },
      hangUp: { afterMs: 200 },
    });
    expect(result.finalStatus).toBe(200);
    await said(/: answered, agent, class B/);
    expect(carrier.callTo('+393331234567')?.answeredAtMs).not.toBeNull();
  });

  it('leaves the application its own calls', { timeout: LIMIT_MS }, async () => {
    const result = await dialer.placeCall({ number: 'echo', callerId: '+390212345678' });
    expect(result.finalStatus).toBe(603);
    expect(result.responseHeaders['x-answered-by']).toBe('the application');
    expect(carrier.callTo('echo')).toBeNull();
  });

  it('stops the guard, then the Srf, and ends', { timeout: LIMIT_MS }, async () => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = await exited;
    expect(output).not.toMatch(/error/i);
    expect(code).toBe(0);
  });
});

/** What `npm install brusio drachtio-srf` would leave, made from this checkout without a registry. */
function installPackage(folder: string): void {
  writeFileSync(join(folder, 'package.json'), '{ "name": "application", "type": "module" }');
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'brusio'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  for (const part of ['package.json', 'audio', 'src/http/dashboard'])
    cpSync(join(ROOT, part), join(modules, 'brusio', part), { recursive: true });
  const dist = join(modules, 'brusio', 'dist');
  const built = spawnSync('tsc', ['-p', 'tsconfig.build.json', '--outDir', dist], { cwd: ROOT, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the package does not build:\n${built.stdout}`);
}
