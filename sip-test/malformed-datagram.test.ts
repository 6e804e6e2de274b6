import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { CARRIER, DIALER_ADDRESS, TARGET } from './engine-under-test.ts';
import { malformedDatagrams } from './malformed-datagrams.ts';
import { SipSocket } from './sip-socket.ts';
import { TestBed } from './test-bed.ts';

/** Printed with a failure; any number shows the same datagrams again. */
const SEED = Number(process.env.SIP_TEST_SEED ?? 20261122);

/** In small groups, so that the kernel's receive buffer drops none. */
const GROUP = 20;
const GROUP_PAUSE_MS = 5;

describe('malformed datagrams from a listed dialer', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it(`crash nothing and start no call (seed ${SEED}); the next call works`, async () => {
    const carrier = await SipSocket.open(CARRIER.address, CARRIER.port);
    const dialer = await SipSocket.open(DIALER_ADDRESS, 0);
    const datagrams = malformedDatagrams(dialer.local, SEED);
    expect(datagrams.length).toBeGreaterThan(400);
    for (const [index, datagram] of datagrams.entries()) {
      await dialer.send(TARGET, datagram);
      if (index % GROUP === 0) await sleep(GROUP_PAUSE_MS);
    }
    await sleep(300);
    expect(await bed.brusio.api.health()).toBe(200);
    expect(bed.brusio.alive()).toBe(true);
    expect(carrier.received, 'sent to the carrier').toEqual([]);
    // An OPTIONS with a wrong bit in its tag is still an OPTIONS, and is answered; no INVITE may get that far.
    const progressed = dialer.received.filter(
      (text) => /^SIP\/2\.0 (1(?!00)|2)/.test(text) && /^CSeq:.*INVITE/im.test(text),
    );
    expect(progressed, 'progress or success of an INVITE').toEqual([]);
    await carrier.close();
    await dialer.close();

    const call = await bed.call({ dialer: 'dialer-hangs-up', carrier: 'carrier-answers' });
    expect((await call.ended()).outcome).toMatchObject({ class: 'A', endedBy: 'dialer' });
    expect(bed.webhooks.deliveries, 'outcomes of calls that never were').toHaveLength(1);
  });
});
