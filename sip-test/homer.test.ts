import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DIALER_ADDRESS, ENGINE, loopback } from './engine-under-test.ts';
import { startCaptureNode } from './interop/kamailio-capture.ts';
import { header, type SipMessage } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const HOMER = { address: loopback(71), port: 9060 };
const SETTINGS = { homer: { address: `${HOMER.address}:${HOMER.port}`, captureId: 4711, password: 'a-key' } };

describe('a Homer server in the settings', () => {
  it(
    ENGINE === 'embedded'
      ? 'gets a copy of every message of both legs (embedded engine)'
      : 'gets nothing: a real drachtio-server has an option of its own for it',
    async () => {
      const bed = await TestBed.open({}, SETTINGS);
      const node = await startCaptureNode(HOMER);
      const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers' });
      const { dialer, carrier } = await call.ended();
      const due = [...dialer.messages, ...carrier.messages].sort((a, b) => a.atMs - b.atMs).map(told);
      // Kamailio writes of a message when it comes to it.
      const giveUpAtMs = Date.now() + 5_000;
      while (ENGINE === 'embedded' && node.captured().length < due.length && Date.now() < giveUpAtMs) await sleep(20);
      const captured = node.captured();
      await node.close();
      await bed.close();
      if (ENGINE !== 'embedded') {
        expect(captured).toEqual([]);
        return;
      }

      expect([...captured.map(({ what, callId }) => `${what} ${callId}`)].sort()).toEqual([...due].sort());
      expect(captured[0]).toMatchObject({
        source: { address: DIALER_ADDRESS },
        what: 'INVITE',
        callId: call.dialerCallId,
      });
    },
  );

  it('that is not there delays nothing', async () => {
    const bed = await TestBed.open({}, SETTINGS);
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers' });
    const { outcome } = await call.ended();
    await bed.close();
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
  });
});

function told(message: SipMessage): string {
  return `${message.method ?? message.status} ${header(message, 'Call-ID')}`;
}
