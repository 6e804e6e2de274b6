/**
 * SRTP with two implementations that are not ours: baresip has libre's own, linphonec libsrtp. Either is set to speak
 * nothing else, and so is Brusio.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CARRIER, DIALER_ADDRESS, TARGET } from '../engine-under-test.ts';
import { TestBed } from '../test-bed.ts';
import { workFolder } from '../work-folder.ts';
import { startBaresip } from './baresip.ts';
import { startLinphone } from './linphone.ts';
import { soundingStretches, toneFile, toneStretches } from './tone-file.ts';
import { softphoneSettings } from './user-agent.ts';

const DIALER_HZ = 1_000;
const CALLEE_HZ = 500;

/** Ambience alone, then the two talk. */
const WAITING_MS = 1_200;
const TALKING_MS = 2_000;

function settings() {
  const { carriers, dialers } = softphoneSettings();
  return {
    carriers: carriers.map((one) => ({ ...one, srtp: 'require' })),
    dialers: { named: dialers.named.map((one) => ({ ...one, srtp: 'require' })) },
  };
}

describe('a call in SRTP on both legs', () => {
  it.each([
    ['baresip', 'linphone', startBaresip, startLinphone],
    ['linphone', 'baresip', startLinphone, startBaresip],
  ] as const)(
    '%s as dialer, %s as callee: ambience, then each hears the other',
    async (_dialer, _callee, startDialer, startCallee) => {
      const bed = await TestBed.open({ BRUSIO_LOG_LEVEL: 'debug' }, settings());
      const tones = workFolder('tones');
      const number = bed.newNumber();
      const common = { transport: 'udp', server: TARGET, srtp: true } as const;
      const says = (name: string, hz: number) => toneFile(join(tones, `${name}.wav`), hz, 30);
      const callee = await startCallee({ ...common, local: CARRIER, user: number, says: says('callee', CALLEE_HZ) });
      const local = { address: DIALER_ADDRESS, port: 5060 };
      const dialer = await startDialer({ ...common, local, user: 'agent', says: says('dialer', DIALER_HZ) });
      try {
        await dialer.dial(number);
        await Promise.all([dialer.established(), callee.established()]);
        await sleep(WAITING_MS);
        const { body } = await bed.brusio.api.liveCalls();
        const [call] = (body as { calls: readonly { dialerCallId: string }[] }).calls;
        const dialerCallId = call?.dialerCallId ?? '';
        expect((await bed.brusio.api.agentConnected(dialerCallId, '1001')).status).toBe(200);
        await sleep(TALKING_MS);
        await callee.hangUp();
        await Promise.all([dialer.ended(), callee.ended()]);
        const outcome = await bed.webhooks.outcome(dialerCallId);

        expect(toneStretches(callee.heard(), DIALER_HZ), 'the callee hears the agent').toBeGreaterThan(10);
        expect(soundingStretches(callee.heard()), 'and ambience before').toBeGreaterThan(
          toneStretches(callee.heard(), DIALER_HZ) + 5,
        );
        expect(toneStretches(dialer.heard(), CALLEE_HZ), 'the agent hears the callee').toBeGreaterThan(10);
        expect(outcome).toMatchObject({ handling: 'agent', class: 'B', endedBy: 'callee' });
        expect(bed.brusio.output(), 'keys in the log').not.toContain('inline:');
        expect(bed.brusio.output()).not.toContain('"master"');
      } finally {
        await Promise.all([dialer.close(), callee.close()]);
        await bed.close();
      }
    },
  );
});
