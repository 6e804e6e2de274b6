import { describe, expect, it } from 'vitest';
import type { Logger } from '../../base/log.ts';
import type { CallId } from '../../call/call-facts.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { SILENT_LOG } from '../../testing/fake-ports.ts';
import { AUDIT_BURST_MAX, AUDIT_MS, Instance } from './instance.ts';
import { PROBE_BACK_OFF_MAX_MS, PROBE_MS } from './instance-health.ts';
import { readNgMessage } from './ng-message.ts';
import type { NgTransportHandlers } from './ng-transport.ts';

const TIMEOUT_MS = 1500;
const LOST_AFTER_MS = 4000;

/** An instance whose daemon is the test: it answers at once, or not at all. */
function bench() {
  const clock = fakeClock();
  const daemon = { alive: true, knows: (_callId: string) => true };
  const asked: { readonly atMs: number; readonly what: string }[] = [];
  const lost: { readonly atMs: number; readonly callId: string; readonly detail: string }[] = [];
  const said: string[] = [];
  const note = (_fields: unknown, text?: string) => void said.push(text ?? '');
  const log: Logger = { ...SILENT_LOG, info: note, warn: note };
  let wire: NgTransportHandlers | null = null;
  const answer = (message: Buffer) => {
    const read = readNgMessage(message);
    const what = String(read?.body['call-id'] ?? read?.body.command);
    asked.push({ atMs: clock.monotonicMs(), what });
    if (!daemon.alive || read === null) return;
    const body = what === 'ping' ? { result: 'pong' } : { result: daemon.knows(what) ? 'ok' : 'error' };
    wire?.onAnswer({ cookie: read.cookie, body });
  };
  const instance = new Instance(
    {
      name: 'udp/192.0.2.9:2223',
      weight: 1,
      open: (handlers) => {
        wire = handlers;
        return { send: answer, close: () => undefined };
      },
    },
    {
      clock,
      log,
      timeoutMs: TIMEOUT_MS,
      lostAfterMs: LOST_AFTER_MS,
      cookiePrefix: 'k',
      onCallLost: (callId, detail) => lost.push({ atMs: clock.monotonicMs(), callId, detail }),
    },
  );
  /** Moves time on in steps, so that what an answer starts is started before the next. */
  const pass = async (durationMs: number) => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 100) {
      clock.advance(100);
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
  };
  return { instance, clock, daemon, asked, lost, said, pass };
}

const call = (n: number) => `call-${n}` as CallId;

describe('an rtpengine', () => {
  it('takes calls from its first answer on, and is asked every second', async () => {
    const { instance, asked, said, pass } = bench();
    expect(instance.up).toBe(false);
    await instance.start();
    expect(instance.up).toBe(true);
    await pass(3 * PROBE_MS);
    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 1000, 2000, 3000]);
    expect(said).toEqual(['rtpengine answers']);
    instance.close();
  });

  it('takes none after one question without an answer, and is asked less and less often', async () => {
    const { instance, daemon, asked, said, pass } = bench();
    await instance.start();
    daemon.alive = false;
    await pass(PROBE_MS + TIMEOUT_MS - 100);
    expect(instance.up).toBe(true);
    await pass(100);
    expect(instance.up).toBe(false);
    await pass(60_000);
    const lastMs = asked.at(-1)?.atMs ?? 0;
    const before = asked.filter(({ atMs }) => atMs < lastMs - TIMEOUT_MS).at(-1)?.atMs ?? 0;
    expect(lastMs - before).toBeGreaterThanOrEqual(PROBE_BACK_OFF_MAX_MS);
    expect(instance.status()).toMatchObject({ up: false, callsLost: 0 });
    daemon.alive = true;
    await pass(PROBE_BACK_OFF_MAX_MS + TIMEOUT_MS);
    expect(instance.up).toBe(true);
    expect(said).toEqual(['rtpengine answers', 'rtpengine does not answer: no new calls for it', 'rtpengine answers']);
    instance.close();
  });

  it('that is silent for as long as it may has lost its calls, at that very moment', async () => {
    const { instance, daemon, lost, pass } = bench();
    await instance.start();
    for (const n of [1, 2]) instance.took(call(n));
    instance.gaveUp(call(2));
    daemon.alive = false;
    await pass(PROBE_MS + LOST_AFTER_MS - 100);
    expect(lost).toEqual([]);
    await pass(100);
    expect(lost).toEqual([{ atMs: 5000, callId: 'call-1', detail: 'udp/192.0.2.9:2223 has not answered for 4000 ms' }]);
    await pass(30_000);
    expect(instance.status()).toMatchObject({ callsLive: 0, callsLost: 1 });
    instance.close();
  });

  it('that answers in time again has lost nothing', async () => {
    const { instance, clock, daemon, lost, pass } = bench();
    await instance.start();
    instance.took(call(1));
    daemon.alive = false;
    await pass(PROBE_MS + TIMEOUT_MS + 500);
    expect(instance.up).toBe(false);
    daemon.alive = true;
    await pass(60_000);
    expect([lost, instance.up]).toEqual([[], true]);
    instance.close();
    expect(clock.pendingTimers()).toBe(0);
  });

  it('that was restarted knows none of its calls: they are lost within seconds, though it answers', async () => {
    const { instance, daemon, lost, pass } = bench();
    await instance.start();
    for (let n = 0; n < AUDIT_BURST_MAX + 50; n += 1) instance.took(call(n));
    daemon.knows = () => false;
    instance.took(call(9999));
    await pass(4 * PROBE_MS);
    expect(lost).toHaveLength(AUDIT_BURST_MAX + 51);
    expect(lost[0]?.detail).toMatch(/no longer knows the call/);
    expect(instance.up).toBe(true);
    instance.close();
  });

  it('is asked for each of its calls within half a minute; one that it dropped is lost, and no other', async () => {
    const { instance, daemon, asked, lost, pass } = bench();
    await instance.start();
    for (let n = 0; n < 90; n += 1) instance.took(call(n));
    daemon.knows = (callId) => callId !== 'call-60';
    await pass(AUDIT_MS + PROBE_MS);
    expect(new Set(asked.map(({ what }) => what)).size).toBe(91);
    expect(lost.map(({ callId }) => callId)).toEqual(['call-60']);
    instance.close();
  });

  it('is not silent while it answers others, whatever one request met', async () => {
    const { instance, daemon, pass } = bench();
    await instance.start();
    daemon.alive = false;
    const unheard = instance.ask({ command: 'query', 'call-id': 'x' }).catch(() => 'unanswered');
    await pass(TIMEOUT_MS - 500);
    // The message that is sent again would be answered now, so the daemon hears others only.
    daemon.alive = true;
    const heard = instance.ask({ command: 'ping' });
    daemon.alive = false;
    await heard;
    await pass(500);
    expect(await unheard).toBe('unanswered');
    expect(instance.up).toBe(true);
    instance.close();
  });
});
