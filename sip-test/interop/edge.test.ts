/**
 * The very files of docs/deploy-kamailio.md, with other addresses: Kamailio between dialer, two Brusios of which one takes no
 * calls, and carrier.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { type Carrier, createCarrier } from '../../src/peers/carrier.ts';
import { headerValue } from '../../src/sip/message/sip-message.ts';
import { SILENT_LOG } from '../../src/testing/fake-ports.ts';
import { CARRIER, DIALER_ADDRESS, loopback, TARGET } from '../engine-under-test.ts';
import { firstOf, header } from '../sip-trace.ts';
import { TestBed } from '../test-bed.ts';
import { workFolder } from '../work-folder.ts';
import { runKamailio } from './kamailio.ts';

const EDGE = loopback(63);
const PEER = new URL('../peers/kamailio/', import.meta.url);

/** A file of the guide where everything is on loopback. */
function onLoopback(name: string, folder: string): string {
  return readFileSync(new URL(name, PEER), 'utf8')
    .replaceAll('203.0.113.10', EDGE)
    .replaceAll('203.0.113.20', DIALER_ADDRESS)
    .replaceAll('198.51.100.1', CARRIER.address)
    .replaceAll('10.0.0.11:5060', `${loopback(64)}:5060`)
    .replaceAll('10.0.0.12:5060', `${TARGET.address}:${TARGET.port}`)
    .replaceAll('/etc/kamailio', folder)
    .replace('log_stderror=no', 'log_stderror=yes');
}

describe('Kamailio as the edge', () => {
  let bed: TestBed;
  let carrier: Carrier;
  /** In the place of the first Brusio: it answers OPTIONS, and refuses each call as one does that can take none. */
  let full: Carrier;
  beforeAll(async () => {
    bed = await TestBed.open({ BRUSIO_CARRIER: `sip:${EDGE}:5080` });
    // It answers OPTIONS, as carriers do.
    carrier = await createCarrier({
      ...{ ...CARRIER, clock: systemClock, log: SILENT_LOG },
      behaviours: () => ({ kind: 'answers', ringMs: 100 }),
    });
    full = await createCarrier({
      ...{ address: loopback(64), port: 5060, clock: systemClock, log: SILENT_LOG },
      behaviours: () => ({ kind: 'refuses', afterMs: 0, status: 503 }),
    });
    const folder = workFolder('edge');
    writeFileSync(join(folder, 'dispatcher.list'), onLoopback('dispatcher.list', folder));
    const edge = await runKamailio(folder, onLoopback('kamailio.cfg', folder));
    return async () => {
      await edge.close();
      await carrier.stop();
      await full.stop();
      await bed.close();
    };
  });

  it('takes calls past the Brusio that is full, to the carrier and back, and every request takes its way', async () => {
    const remote = { address: EDGE, port: 5060 };
    // In turns: one of the two comes to the full one first.
    const numbers = [bed.newNumber(), bed.newNumber()];
    for (const number of numbers) {
      const dialer = bed.dialer('dialer-waits-for-bye', await bed.rtpEnd(DIALER_ADDRESS), number, { remote });
      const trace = await dialer.finished();
      const outcome = await bed.webhooks.outcome(dialer.callIds[0] ?? '');
      await expect.poll(() => carrier.callTo(number)?.end).toBe('caller-hung-up');

      expect(outcome).toMatchObject({ handling: 'silent', class: 'A', endCause: 'deadline' });
      expect(header(firstOf(trace.received('BYE'), 'BYE'), 'X-Brusio-Outcome')).toBe('silent; class=A');
      const { invite, lastRequest } = carrier.callTo(number) ?? expect.fail('no call came to the carrier');
      for (const request of [invite, lastRequest ?? expect.fail('no BYE')]) {
        expect(headerValue(request, 'via')).toContain(EDGE);
        expect(headerValue(request, 'x-edge-source'), 'no header of the edge goes to the carrier').toBeUndefined();
      }
    }
    expect(full.calls().map(({ number }) => numbers.includes(number))).toEqual([true]);
  });
});
