/** A dialer and a carrier of ours that keep calling, whatever becomes of Brusio between them, and remember what each saw. */
import { setTimeout as sleep } from 'node:timers/promises';
import { silentMedia } from '../../sip-test/silent-media.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { Logger } from '../../src/base/log.ts';
import type { CallResult } from '../../src/peers/call-plan.ts';
import type { CalleeRecord } from '../../src/peers/callee-call.ts';
import { createCarrier } from '../../src/peers/carrier.ts';
import { createDialer } from '../../src/peers/dialer.ts';
import { headerValue } from '../../src/sip/message/sip-message.ts';
import { ADDRESSES } from '../load/brusio-under-load.ts';
import { unreadSocket } from '../load/unread-socket.ts';
import { kindOf, numberOf } from './call-kinds.ts';

/** The traffic. */
export type Traffic = {
  /** Places calls at a steady rate until `pause`. */
  start(callsPerSecond: number): void;
  /** Places no more; resolves when all calls are over at the dialer. */
  pause(): Promise<void>;
  /** Calls placed so far. */
  placed(): number;
  /** Calls that are over at the dialer, in the order in which they ended. */
  results(): readonly CallResult[];
  /** Calls that came to the carrier, by their Call-ID there; over ones, and those that live when asked. */
  callees(): ReadonlyMap<string, CalleeRecord>;
  close(): Promise<void>;
};

const CALLER_ID = '+390212345678';

/** A call that nobody ends: longer than any restart takes, and RFC 3261's 32 s besides. */
const CALL_LIMIT_MS = 45_000;

/** Binds both sides. */
export async function openTraffic(): Promise<Traffic> {
  const rtp = await unreadSocket(ADDRESSES.carrier);
  const shared = { clock: systemClock, log: quiet, openMedia: silentMedia(rtp.port), port: 5060 };
  const over = new Map<string, CalleeRecord>();
  const carrier = await createCarrier({
    ...shared,
    address: ADDRESSES.carrier,
    behaviours: (number) => kindOf(number).callee,
    onEnded: (record) => void over.set(callIdOf(record), record),
  });
  const server = { address: ADDRESSES.brusio, port: 5060 };
  const dialer = await createDialer({ ...shared, address: ADDRESSES.dialer, server });
  const results: CallResult[] = [];
  const open = new Set<Promise<void>>();
  let placed = 0;
  let placing: { stop: boolean; over: Promise<void> } | null = null;

  async function place(callsPerSecond: number, order: { stop: boolean }): Promise<void> {
    const startMs = systemClock.monotonicMs();
    for (let n = 0; !order.stop; n += 1) {
      await sleep(Math.max(0, startMs + (n * 1_000) / callsPerSecond - systemClock.monotonicMs()));
      const number = numberOf(placed++);
      const plan = { limitMs: CALL_LIMIT_MS, ...kindOf(number).plan, number, callerId: CALLER_ID };
      const call = dialer.placeCall(plan).then((result) => {
        results.push(result);
        open.delete(call);
      });
      open.add(call);
    }
  }

  return {
    start(callsPerSecond) {
      const order = { stop: false, over: Promise.resolve() };
      order.over = place(callsPerSecond, order);
      placing = order;
    },
    async pause() {
      if (placing !== null) placing.stop = true;
      await placing?.over;
      placing = null;
      await Promise.all(open);
    },
    placed: () => placed,
    results: () => results,
    callees: () => new Map([...over, ...carrier.calls().map((record) => [callIdOf(record), record] as const)]),
    async close() {
      await dialer.stop();
      await carrier.stop();
      await rtp.close();
    },
  };
}

function callIdOf({ invite }: CalleeRecord): string {
  return headerValue(invite, 'call-id') ?? '';
}

const quiet: Logger = { debug() {}, info() {}, warn() {}, error: console.error, child: () => quiet };
