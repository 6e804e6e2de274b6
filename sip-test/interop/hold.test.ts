/**
 * Hold and resume as softphones spell them, from either side. What is heard is judged by linphonec's recording:
 * baresip's ends at the first hold.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CARRIER, DIALER_ADDRESS, TARGET } from '../engine-under-test.ts';
import { TestBed } from '../test-bed.ts';
import { workFolder } from '../work-folder.ts';
import { startBaresip } from './baresip.ts';
import { startLinphone } from './linphone.ts';
import { toneFile, toneStretches } from './tone-file.ts';
import { softphoneSettings } from './user-agent.ts';

const DIALER_HZ = 1_000;
const CALLEE_HZ = 500;
const HELD_MS = 700;
const RATE_HZ = 8_000;

describe('a call between softphones that each hold and resume', () => {
  it.each([
    ['baresip', 'linphone', startBaresip, startLinphone],
    ['linphone', 'baresip', startLinphone, startBaresip],
  ] as const)(
    '%s as dialer, %s as callee: both talk again',
    async (dialerName, _calleeName, startDialer, startCallee) => {
      const bed = await TestBed.open({}, softphoneSettings());
      const tones = workFolder('tones');
      const number = bed.newNumber();
      const common = { transport: 'udp', server: TARGET } as const;
      const says = (name: string, hz: number) => toneFile(join(tones, `${name}.wav`), hz, 30);
      const callee = await startCallee({ ...common, local: CARRIER, user: number, says: says('callee', CALLEE_HZ) });
      const local = { address: DIALER_ADDRESS, port: 5060 };
      const dialer = await startDialer({ ...common, local, user: 'agent', says: says('dialer', DIALER_HZ) });
      const [measured, hears] = dialerName === 'linphone' ? [dialer, CALLEE_HZ] : [callee, DIALER_HZ];
      try {
        await dialer.dial(number);
        await Promise.all([dialer.established(), callee.established()]);
        const { body } = await bed.brusio.api.liveCalls();
        const [call] = (body as { calls: readonly { dialerCallId: string }[] }).calls;
        const dialerCallId = call?.dialerCallId ?? '';
        expect((await bed.brusio.api.agentConnected(dialerCallId, '1001')).status).toBe(200);
        await sleep(HELD_MS);
        for (const phone of [dialer, callee]) {
          await phone.hold();
          await sleep(HELD_MS);
          await phone.resume();
          await sleep(HELD_MS);
        }
        await sleep(1_500);
        await callee.hangUp();
        await Promise.all([dialer.ended(), callee.ended()]);
        const outcome = await bed.webhooks.outcome(dialerCallId);

        const heard = measured.heard();
        expect(toneStretches(heard, hears), 'heard in all').toBeGreaterThan(15);
        expect(toneStretches(heard.subarray(-RATE_HZ), hears), 'heard in the last second').toBeGreaterThan(4);
        expect(outcome).toMatchObject({ handling: 'agent', class: 'B', endedBy: 'callee' });
      } finally {
        await Promise.all([dialer.close(), callee.close()]);
        await bed.close();
      }
    },
  );
});
