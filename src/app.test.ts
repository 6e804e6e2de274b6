import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Brusio, type BrusioOptions, createGuard, type OutcomeRecord } from './app.ts';
import { systemClock } from './base/clock.ts';
import type { CallPlan } from './peers/call-plan.ts';
import { type Carrier, createCarrier } from './peers/carrier.ts';
import { createDialer, type Dialer } from './peers/dialer.ts';
import { firstPacketAfterMs } from './peers/recording-measures.ts';
import { outcomeRecordSchema } from './policy/outcome-record.ts';
import { createSrf } from './signaling/drachtio-srf.ts';
import { DEFAULT_ENGINE_OPTIONS } from './sip/engine-options.ts';
import { type Engine, startEngine } from './sip/engine-thread.ts';

const address = '127.0.0.1';
const NUMBER = '+393331234567';
const CALLER_ID = '+390298765432';
const SILENT = pino({ level: 'silent' });

let dataDir: string;
let lines: string[];
let carrier: Carrier;
let brusio: Brusio | null = null;
let dialer: Dialer | null = null;
let engine: Engine | null = null;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'brusio-app-'));
  lines = [];
  carrier = await createCarrier({
    address,
    port: 0,
    clock: systemClock,
    log: SILENT,
    behaviours: () => ({ kind: 'answers', ringMs: 20 }),
  });
});

afterEach(async () => {
  await dialer?.stop();
  await brusio?.stop(0);
  await engine?.stop();
  await carrier.stop();
  [dialer, brusio, engine] = [null, null, null];
  rmSync(dataDir, { recursive: true, force: true });
});

/** Starts a guard on free ports with every log line kept. */
async function startGuard(options: BrusioOptions = {}): Promise<Brusio> {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const guard = createGuard({
    ...options,
    log: pino({ level: 'debug' }, stream),
    settings: {
      sip: { listen: `${address}:0` },
      http: { listen: `${address}:0` },
      carriers: [{ uri: `sip:${carrier.local.address}:${carrier.local.port}` }],
      data: { dir: dataDir },
      ...options.settings,
    },
  });
  brusio = guard;
  await guard.start();
  return guard;
}

/** One call through a SIP address of the form `udp/host:port`; resolves with its outcome. */
async function callThrough(guard: Brusio, listening: string, plan: Partial<CallPlan>): Promise<OutcomeRecord> {
  const outcome = new Promise<OutcomeRecord>((resolve) => guard.onOutcome(resolve));
  const server = { address, port: Number(listening.split(':').at(-1)) };
  dialer = await createDialer({ address, port: 0, server, clock: systemClock, log: SILENT });
  await dialer.placeCall({ number: NUMBER, callerId: CALLER_ID, limitMs: 8_000, ...plan });
  return outcome;
}

describe('a guard with the embedded engine', () => {
  it('guards a call end to end, and no log line shows a number', async () => {
    const guard = await startGuard({ settings: { wait: { limitMs: 500 } } });
    const [listening = ''] = guard.addresses().sip ?? [];
    const outcome = await callThrough(guard, listening, {
      headers: { 'X-Brusio-Campaign': 'luce', 'X-Brusio-Reference': 'lead-17' },
    });
    expect(outcomeRecordSchema.parse(outcome)).toMatchObject({
      campaign: 'luce',
      dialerReference: 'lead-17',
      number: '+39333•••4567',
      handling: 'silent',
      class: 'A',
      endCause: 'deadline',
    });
    const callee = carrier.callTo(NUMBER);
    expect(callee && firstPacketAfterMs(callee.recording), 'ambience is heard').not.toBeNull();
    await guard.stop(0);
    const log = lines.join('');
    expect(log).toContain('call outcome');
    for (const secret of [NUMBER, NUMBER.slice(1), CALLER_ID.slice(1), 'sip:+39']) expect(log).not.toContain(secret);
  });

  it('says in one sentence why it cannot start, and leaves nothing behind', async () => {
    const first = await startGuard();
    const [listening = ''] = first.addresses().sip ?? [];
    const second = createGuard({
      log: SILENT,
      settings: {
        sip: { listen: listening.replace('udp/', '') },
        http: { listen: `${address}:0` },
        data: { dir: join(dataDir, 'second') },
      },
    });
    await expect(second.start()).rejects.toThrow('in use');
    await second.stop(0);
  });

  it('refuses settings with every problem in the message', () => {
    expect(() => createGuard({ settings: { wait: { limitMs: 9000 }, rtp: { portMin: 1 } } })).toThrow(
      /wait\.limitMs.*rtp\.portMin|rtp\.portMin.*wait\.limitMs/,
    );
  });
});

describe('a guard on an application’s own Srf', () => {
  it('takes its INVITEs and brings no engine', async () => {
    engine = await startEngine({
      ...DEFAULT_ENGINE_OPTIONS,
      listen: [{ protocols: ['udp'], address, port: 0, externalAddress: null }],
    });
    const srf = createSrf();
    const connected = new Promise((resolve) => srf.once('connect', resolve));
    srf.connect({ host: engine.controlHost, port: engine.controlPort, secret: engine.secret });
    await connected;
    const guard = await startGuard({ srf });
    expect(guard.addresses().sip).toBeNull();
    const [listening = ''] = engine.listening;
    const outcome = await callThrough(guard, listening, {
      headers: { 'X-Brusio-Agent': '1001;state=connected' },
      hangUp: { afterMs: 300 },
    });
    expect(outcome).toMatchObject({ handling: 'agent', class: 'B', endedBy: 'dialer' });
    await guard.stop(0);
    srf.disconnect();
  });
});
