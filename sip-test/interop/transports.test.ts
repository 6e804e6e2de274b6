/** Softphones on both sides of Brusio, over the transports that they speak. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { testAuthority } from '../../src/sip/testing/certificates.ts';
import { CARRIER, DIALER_ADDRESS, ENGINE, TARGET } from '../engine-under-test.ts';
import { TestBed } from '../test-bed.ts';
import { workFolder } from '../work-folder.ts';
import { startBaresip } from './baresip.ts';
import { startLinphone } from './linphone.ts';
import { toneFile, toneStretches } from './tone-file.ts';
import { softphoneSettings, type Transport, type UserAgent, type UserAgentOptions } from './user-agent.ts';

const DIALER_HZ = 1_000;
const CALLEE_HZ = 500;
const TLS_PORT = 5061;

const START: Readonly<Record<string, (options: UserAgentOptions) => Promise<UserAgent>>> = {
  baresip: startBaresip,
  linphone: startLinphone,
};

/**
 * linphonec takes no TLS connection ("New connection arriving on TLS, not handled"), it only opens them. A real
 * drachtio-server listens where its own command line says: over UDP.
 */
const CALLS: readonly (readonly [dialer: string, transport: Transport, callee: string, calleesTransport: Transport])[] =
  ENGINE === 'embedded'
    ? [
        ['baresip', 'tcp', 'linphone', 'tcp'],
        ['linphone', 'tcp', 'baresip', 'tcp'],
        ['linphone', 'tls', 'baresip', 'tls'],
        ['baresip', 'tls', 'linphone', 'tcp'],
      ]
    : [
        ['baresip', 'udp', 'linphone', 'udp'],
        ['linphone', 'udp', 'baresip', 'udp'],
      ];

describe(`a call between softphones over the ${ENGINE} engine`, () => {
  const authority = testAuthority();
  afterAll(() => rmSync(authority.dir, { recursive: true, force: true }));

  /** Certificate and key in one file, as softphones want them. */
  function identity(name: string, address: string): { readonly certificate: string; readonly authority: string } {
    const { certificate, key } = authority.issue(name, `IP:${address}`);
    const both = join(authority.dir, `${name}-both.pem`);
    writeFileSync(both, readFileSync(certificate, 'latin1') + readFileSync(key, 'latin1'));
    return { certificate: both, authority: authority.ca };
  }

  it.each(CALLS)(
    '%s over %s, %s over %s: both hear each other',
    async (dialerName, transport, calleeName, calleesTransport) => {
      const ours = authority.issue('brusio', `IP:${TARGET.address}`);
      const calleePort = calleesTransport === 'tls' ? TLS_PORT : CARRIER.port;
      const bed = await TestBed.open(
        ENGINE === 'embedded'
          ? { BRUSIO_SIP_LISTEN: `${TARGET.address}:${TARGET.port},tls/${TARGET.address}:${TLS_PORT}` }
          : {},
        {
          ...softphoneSettings(`sip:${CARRIER.address}:${calleePort};transport=${calleesTransport}`),
          ...(ENGINE === 'embedded' ? { sip: { tls: { ...ours, ca: authority.ca } } } : {}),
        },
      );
      const tones = workFolder('tones');
      const number = bed.newNumber();
      const callee = await START[calleeName]?.({
        local: { address: CARRIER.address, port: calleePort },
        transport: calleesTransport,
        server: TARGET,
        user: number,
        says: toneFile(join(tones, 'callee.wav'), CALLEE_HZ, 20),
        ...(calleesTransport === 'tls' ? { tls: identity('callee', CARRIER.address) } : {}),
      });
      const dialer = await START[dialerName]?.({
        local: { address: DIALER_ADDRESS, port: transport === 'tls' ? TLS_PORT : 5060 },
        transport,
        server: { address: TARGET.address, port: transport === 'tls' ? TLS_PORT : TARGET.port },
        user: 'agent',
        says: toneFile(join(tones, 'dialer.wav'), DIALER_HZ, 20),
        ...(transport === 'tls' ? { tls: identity('dialer', DIALER_ADDRESS) } : {}),
      });
      if (callee === undefined || dialer === undefined) throw new Error('no such softphone');
      try {
        await dialer.dial(number);
        await Promise.all([dialer.established(), callee.established()]);
        const { body } = await bed.brusio.api.liveCalls();
        const [call] = (body as { calls: readonly { dialerCallId: string }[] }).calls;
        const dialerCallId = call?.dialerCallId ?? '';
        expect((await bed.brusio.api.agentConnected(dialerCallId, '1001')).status).toBe(200);
        await sleep(2_000);
        await dialer.hangUp();
        await Promise.all([dialer.ended(), callee.ended()]);
        const outcome = await bed.webhooks.outcome(dialerCallId);
        await Promise.all([dialer.close(), callee.close()]);
        expect(toneStretches(callee.heard(), DIALER_HZ), 'the callee hears the agent').toBeGreaterThan(9);
        expect(toneStretches(dialer.heard(), CALLEE_HZ), 'the agent hears the callee').toBeGreaterThan(9);
        expect(outcome).toMatchObject({ handling: 'agent', class: 'B', endedBy: 'dialer' });
      } finally {
        await Promise.all([dialer.close(), callee.close()]);
        await bed.close();
      }
    },
  );
});
