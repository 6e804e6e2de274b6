import { beforeAll, describe, expect, it } from 'vitest';
import { bothTalk, rtpBetween, sdpDirection } from './conversation.ts';
import { byeToCarrier } from './dialog-check.ts';
import { DIALER_ADDRESS } from './engine-under-test.ts';
import { LATE_MS_MAX, STAMP_LATE_MS_MAX } from './pace.ts';
import { heardOf, soundsOf, streamProblems } from './rtp-stream.ts';
import { cseqNumber, firstOf } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const AGENT_FIRST = ['X-Brusio-Agent: 1001;state=connected'];

/** How a dialer spells a hold: its keys, what the callee is offered, and its answer. */
const SPELLINGS: readonly (readonly [how: string, keys: Record<string, string>, offered: string, answered: string])[] =
  [
    ['a=sendonly', { hold_media: '\r\na=sendonly' }, 'sendonly', 'recvonly'],
    ['a=inactive', { hold_media: '\r\na=inactive' }, 'inactive', 'inactive'],
    ['a=recvonly', { hold_media: '\r\na=recvonly' }, 'recvonly', 'sendonly'],
    ['c=0.0.0.0 without an attribute', { hold_address: '0.0.0.0' }, 'sendonly', 'recvonly'],
    ['a=sendonly of the session', { hold_session: '\r\na=sendonly' }, 'sendonly', 'recvonly'],
    ['port 0', { hold_port: '0' }, 'inactive', 'inactive'],
  ];

describe('a hold', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it.each(SPELLINGS)(
    'of the dialer with %s passes to the callee, and so does the end of it',
    async (_how, keys, offered, answered) => {
      const call = await bed.call({
        dialer: 'dialer-holds-and-resumes',
        carrier: 'carrier-is-held-and-resumed',
        inviteHeaders: AGENT_FIRST,
        dialerKeys: ({ port }) => ({
          hold_address: DIALER_ADDRESS,
          hold_port: String(port),
          hold_session: '',
          hold_media: '',
          ...keys,
        }),
        carrierKeys: { held_answer: `a=${answered}` },
      });
      await bothTalk(call);
      const { dialer, carrier, outcome } = await call.ended();

      const [, hold, resume] = carrier.received('INVITE');
      if (hold === undefined || resume === undefined) throw new Error('the carrier had no re-INVITE');
      expect([sdpDirection(hold), sdpDirection(resume)], 'offered to the callee').toEqual([offered, 'sendrecv']);
      const [, held, resumed] = dialer.received(200, 'INVITE');
      if (held === undefined || resumed === undefined) throw new Error('the dialer had no 200');
      expect([sdpDirection(held), sdpDirection(resumed)], 'answered to the dialer').toEqual([answered, 'sendrecv']);

      const during = { fromMs: held.atMs + LATE_MS_MAX, toMs: resume.atMs - STAMP_LATE_MS_MAX };
      const dialerReceives = offered === 'recvonly';
      expect(rtpBetween(call.dialerRtp, during).length > 0, 'the dialer hears something').toBe(dialerReceives);
      const calleeReceives = offered === 'sendonly';
      const heardMeanwhile = heardOf(call.dialerRtp, rtpBetween(call.calleeRtp, during));
      expect(soundsOf(heardMeanwhile), 'the callee hears').toEqual(calleeReceives ? ['agent'] : []);

      const byeAtMs = firstOf(dialer.sent('BYE'), 'BYE').atMs;
      const after = { fromMs: resumed.atMs + LATE_MS_MAX, toMs: byeAtMs };
      expect(soundsOf(rtpBetween(call.dialerRtp, after))).toEqual(['callee']);
      expect(soundsOf(heardOf(call.dialerRtp, rtpBetween(call.calleeRtp, after)))).toEqual(['agent']);
      byeToCarrier(carrier);
      expect(outcome).toMatchObject({ handling: 'agent', class: 'B', endedBy: 'dialer' });
    },
  );

  it('of the dialer while the callee waits is answered by Brusio: ambience goes on, and the callee hears of nothing', async () => {
    const call = await bed.call({ dialer: 'dialer-holds-while-waiting', carrier: 'carrier-answers' });
    const { dialer, carrier, outcome } = await call.ended();
    expect(carrier.received('INVITE')).toHaveLength(1);
    expect(sdpDirection(dialer.received(200, 'INVITE')[1])).toBe('recvonly');
    expect(streamProblems(call.calleeRtp.packets)).toEqual([]);
    expect(soundsOf(call.calleeRtp.packets)).toEqual(['other']);
    expect(outcome).toMatchObject({ handling: 'silent', class: 'A', endCause: 'deadline' });
  });

  it('of the dialer while the callee waits is told to the callee when the agent comes', async () => {
    const call = await bed.call({
      dialer: 'dialer-holds-while-waiting',
      carrier: 'carrier-is-held-and-hangs-up',
      carrierKeys: { held_answer: 'a=recvonly' },
    });
    await call.dialer.message('ACK of the hold', (one) => one.method === 'ACK' && cseqNumber(one) === 2);
    expect((await bed.brusio.api.agentConnected(call.dialerCallId, '1001')).status).toBe(200);
    const { dialer, carrier, outcome } = await call.ended();
    expect(carrier.received('INVITE').map(sdpDirection)).toEqual(['sendrecv', 'sendonly']);
    expect(dialer.received('INVITE'), 'the dialer knows it').toEqual([]);
    expect(outcome).toMatchObject({ handling: 'agent', class: 'B', endedBy: 'callee' });
  });

  it.each([
    ['sendonly', 'recvonly', false],
    ['inactive', 'inactive', false],
    ['recvonly', 'sendonly', true],
  ] as const)(
    'of the waiting callee with a=%s is answered %s, and ambience plays where it may',
    async (said, answered, hears) => {
      const call = await bed.call({
        dialer: 'dialer-waits-for-bye',
        carrier: 'carrier-holds-while-waiting',
        carrierKeys: { hold_media: `a=${said}` },
      });
      const { dialer, carrier, outcome } = await call.ended();
      const [held, resumed] = carrier.received(200, 'INVITE');
      if (held === undefined || resumed === undefined) throw new Error('the carrier had no 200');
      expect([sdpDirection(held), sdpDirection(resumed)]).toEqual([answered, 'sendrecv']);
      expect(dialer.received('INVITE'), 'the dialer heard nothing of it').toEqual([]);
      const during = { fromMs: held.atMs + LATE_MS_MAX, toMs: resumed.atMs - STAMP_LATE_MS_MAX };
      expect(rtpBetween(call.calleeRtp, during).length > 0, 'the callee hears something').toBe(hears);
      const after = { fromMs: resumed.atMs, toMs: firstOf(carrier.received('BYE'), 'BYE').atMs };
      expect(rtpBetween(call.calleeRtp, after).length, 'ambience is back').toBeGreaterThan(10);
      expect(outcome).toMatchObject({ handling: 'silent', class: 'A', endCause: 'deadline' });
    },
  );
});
