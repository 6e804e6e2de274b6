import { describe, expect, it } from 'vitest';
import type { MonotonicMs } from '../../base/clock.ts';
import { type ClientEvent, inviteClientDueAtMs, startInviteClient, stepInviteClient } from './invite-client.ts';
import { INVITE_SERVER_START, inviteServerDueAtMs, type ServerEvent, stepInviteServer } from './invite-server.ts';
import { nonInviteClientDueAtMs, startNonInviteClient, stepNonInviteClient } from './non-invite-client.ts';
import { NON_INVITE_SERVER_START, nonInviteServerDueAtMs, stepNonInviteServer } from './non-invite-server.ts';
import { DEFAULT_SIP_TIMERS, type Step } from './sip-timers.ts';

const T = DEFAULT_SIP_TIMERS;
const at = (ms: number) => ms as MonotonicMs;

type Machine<S, V> = {
  start: S;
  dueAtMs: (state: S) => number;
  step: (state: S, event: V | 'due', nowMs: MonotonicMs) => Step<S, string>;
};

/** Drives a machine through events at given times, firing its timers in between; tells every effect with its time. */
function drive<S extends { name: string }, V>(machine: Machine<S, V>, events: [number, V][], untilMs: number) {
  let state = machine.start;
  const log: string[] = [];
  const apply = (event: V | 'due', nowMs: number) => {
    const step = machine.step(state, event, at(nowMs));
    state = step.state;
    for (const effect of step.effects) log.push(`${nowMs} ${effect}`);
    if (state.name === 'terminated') log.push(`${nowMs} terminated`);
  };
  const fireUntil = (limitMs: number) => {
    for (let due = machine.dueAtMs(state); due <= limitMs && state.name !== 'terminated'; due = machine.dueAtMs(state))
      apply('due', due);
  };
  for (const [atMs, event] of events) {
    fireUntil(atMs);
    apply(event, atMs);
  }
  fireUntil(untilMs);
  return { state: state.name, log };
}

const inviteClient = (isReliable = false) => ({
  start: startInviteClient(at(0), T, isReliable),
  dueAtMs: inviteClientDueAtMs,
  step: (s: Parameters<typeof stepInviteClient>[0], e: ClientEvent, n: MonotonicMs) =>
    stepInviteClient(s, e, n, T, isReliable),
});
const nonInviteClient = (isReliable = false) => ({
  start: startNonInviteClient(at(0), T, isReliable),
  dueAtMs: nonInviteClientDueAtMs,
  step: (s: Parameters<typeof stepNonInviteClient>[0], e: ClientEvent, n: MonotonicMs) =>
    stepNonInviteClient(s, e, n, T, isReliable),
});
const inviteServer = (isReliable = false) => ({
  start: INVITE_SERVER_START,
  dueAtMs: inviteServerDueAtMs,
  step: (s: Parameters<typeof stepInviteServer>[0], e: ServerEvent, n: MonotonicMs) =>
    stepInviteServer(s, e, n, T, isReliable),
});
const nonInviteServer = (isReliable = false) => ({
  start: NON_INVITE_SERVER_START,
  dueAtMs: nonInviteServerDueAtMs,
  step: (s: Parameters<typeof stepNonInviteServer>[0], e: ServerEvent, n: MonotonicMs) =>
    stepNonInviteServer(s, e, n, T, isReliable),
});

describe('RFC 3261 §17.1.1 INVITE client transaction', () => {
  it('sends at 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s (Timer A) and gives up at 32 s (Timer B)', () => {
    expect(drive(inviteClient(), [], 100_000).log).toEqual([
      '500 send-request',
      '1500 send-request',
      '3500 send-request',
      '7500 send-request',
      '15500 send-request',
      '31500 send-request',
      '32000 report-timeout',
      '32000 terminated',
    ]);
  });

  it('sends once over a reliable transport', () => {
    expect(drive(inviteClient(true), [], 100_000).log).toEqual(['32000 report-timeout', '32000 terminated']);
  });

  it('stops sending at the first provisional response, and waits for ever after it', () => {
    const run = drive(
      inviteClient(),
      [
        [600, 'provisional'],
        [700, 'provisional'],
      ],
      1_000_000,
    );
    expect(run).toEqual({
      state: 'proceeding',
      log: ['500 send-request', '600 deliver-response', '700 deliver-response'],
    });
  });

  it('acknowledges every repetition of a failure, delivers the first and a late 2xx, and ends after Timer D', () => {
    const run = drive(
      inviteClient(),
      [
        [100, 'failure'],
        [600, 'failure'],
        [700, 'provisional'],
        [800, 'success'],
      ],
      100_000,
    );
    expect(run.log).toEqual([
      '100 send-ack',
      '100 deliver-response',
      '600 send-ack',
      '800 deliver-response',
      '32100 terminated',
    ]);
  });

  it('ends with the failure itself over a reliable transport', () => {
    expect(drive(inviteClient(true), [[100, 'failure']], 100).log).toEqual([
      '100 send-ack',
      '100 deliver-response',
      '100 terminated',
    ]);
  });

  it('delivers every 2xx until Timer M (RFC 6026 §7.2)', () => {
    const run = drive(
      inviteClient(),
      [
        [100, 'success'],
        [600, 'success'],
        [900, 'failure'],
      ],
      100_000,
    );
    expect(run.log).toEqual(['100 deliver-response', '600 deliver-response', '32100 terminated']);
  });

  it('tells a transport failure once, and nothing after it', () => {
    const run = drive(
      inviteClient(),
      [
        [10, 'transport-failed'],
        [20, 'success'],
      ],
      100_000,
    );
    expect(run.log).toEqual(['10 report-transport-failure', '10 terminated', '20 terminated']);
  });
});

describe('RFC 3261 §17.1.2 non-INVITE client transaction', () => {
  it('doubles Timer E up to T2 and gives up at 32 s (Timer F)', () => {
    const { log } = drive(nonInviteClient(), [], 100_000);
    expect(log.map((line) => Number(line.split(' ')[0]))).toEqual([
      500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500, 32_000, 32_000,
    ]);
    expect(log.at(-2)).toBe('32000 report-timeout');
  });

  it('goes on sending every T2 after a provisional response, and still gives up at 32 s', () => {
    const { log } = drive(nonInviteClient(), [[600, 'provisional']], 100_000);
    expect(log.map((line) => Number(line.split(' ')[0]))).toEqual([
      500, 600, 1_500, 5_500, 9_500, 13_500, 17_500, 21_500, 25_500, 29_500, 32_000, 32_000,
    ]);
  });

  it('delivers the first final response only and ends after Timer K', () => {
    const run = drive(
      nonInviteClient(),
      [
        [100, 'failure'],
        [200, 'success'],
      ],
      100_000,
    );
    expect(run.log).toEqual(['100 deliver-response', '5100 terminated']);
  });
});

describe('RFC 3261 §17.2.1 INVITE server transaction', () => {
  it('answers a repeated INVITE with its last provisional response', () => {
    const run = drive(
      inviteServer(),
      [
        [0, 'provisional'],
        [500, 'request'],
      ],
      1_000_000,
    );
    expect(run).toEqual({ state: 'proceeding', log: ['0 send-response', '500 send-response'] });
  });

  it('repeats a failure by Timer G and gives up by Timer H', () => {
    const { log } = drive(inviteServer(), [[0, 'failure']], 100_000);
    expect(log.map((line) => Number(line.split(' ')[0]))).toEqual([
      0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500, 32_000, 32_000,
    ]);
    expect(log.slice(-2)).toEqual(['32000 report-no-ack', '32000 terminated']);
  });

  it('is quiet after the ACK and ends after Timer I', () => {
    const run = drive(
      inviteServer(),
      [
        [0, 'failure'],
        [600, 'ack'],
        [700, 'ack'],
        [800, 'request'],
      ],
      100_000,
    );
    expect(run.log).toEqual(['0 send-response', '500 send-response', '5600 terminated']);
  });

  it('absorbs repeated INVITEs after a 2xx, lets its user repeat it, and ends after Timer L (RFC 6026 §7.1)', () => {
    const run = drive(
      inviteServer(),
      [
        [0, 'success'],
        [100, 'request'],
        [500, 'success'],
        [600, 'ack'],
      ],
      100_000,
    );
    expect(run.log).toEqual(['0 send-response', '500 send-response', '600 deliver-ack', '32000 terminated']);
  });

  it('refuses a second, different final response', () => {
    expect(
      drive(
        inviteServer(),
        [
          [0, 'success'],
          [1, 'failure'],
        ],
        1,
      ).log,
    ).toEqual(['0 send-response', '1 refuse-response']);
    expect(
      drive(
        inviteServer(),
        [
          [0, 'failure'],
          [1, 'success'],
        ],
        1,
      ).log,
    ).toEqual(['0 send-response', '1 refuse-response']);
  });
});

describe('RFC 3261 §17.2.2 non-INVITE server transaction', () => {
  it('absorbs repetitions until there is a response, repeats it for 32 s (Timer J)', () => {
    const run = drive(
      nonInviteServer(),
      [
        [100, 'request'],
        [200, 'provisional'],
        [300, 'request'],
        [400, 'success'],
        [500, 'request'],
        [600, 'failure'],
      ],
      100_000,
    );
    expect(run.log).toEqual([
      '200 send-response',
      '300 send-response',
      '400 send-response',
      '500 send-response',
      '600 refuse-response',
      '32400 terminated',
    ]);
  });

  it('ends with the response over a reliable transport', () => {
    expect(drive(nonInviteServer(true), [[100, 'success']], 100).log).toEqual(['100 send-response', '100 terminated']);
  });
});
