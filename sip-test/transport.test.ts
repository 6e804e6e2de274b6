/** The embedded engine's transports; a real drachtio-server has those that its own settings give it. */
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testAuthority } from '../src/sip/testing/certificates.ts';
import { byeToCarrier, byeToDialer } from './dialog-check.ts';
import { BRUSIO_ADDRESS, CARRIER, DIALER_ADDRESS, type Endpoint, TARGET } from './engine-under-test.ts';
import { soundsOf, streamProblems } from './rtp-stream.ts';
import { contactUri, firstOf, header, type SipTrace } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';
import { intoTls, outOfTls, type TlsTunnel } from './tls-tunnel.ts';

const CARRIER_URI = `sip:${CARRIER.address}:${CARRIER.port}`;

/** How Brusio called itself in the INVITE that the carrier got. */
function calledItself(carrier: SipTrace) {
  const invite = firstOf(carrier.received('INVITE'), 'INVITE received');
  return { via: header(invite, 'Via') ?? '', contact: contactUri(invite) ?? '' };
}

/** A call that the callee ends and one that the dialer ends: requests in both dialogs, both ways. */
async function bothEnds(bed: TestBed, sides: Pick<Parameters<TestBed['call']>[0], 'dialerSide' | 'carrierSide'>) {
  const first = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers-and-hangs-up', ...sides });
  const byCallee = await first.ended();
  byeToDialer(byCallee.dialer);
  expect(byCallee.outcome).toMatchObject({ network: 'answered', class: 'A', endedBy: 'callee' });
  expect(soundsOf(first.calleeRtp.packets)).toEqual(['other']);
  expect(streamProblems(first.calleeRtp.packets)).toEqual([]);

  const second = await bed.call({ dialer: 'dialer-hangs-up', carrier: 'carrier-answers', ...sides });
  const byDialer = await second.ended();
  byeToCarrier(byDialer.carrier);
  expect(byDialer.outcome).toMatchObject({ network: 'answered', class: 'A', endedBy: 'dialer' });
  return byCallee;
}

describe('a dialer over TCP', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('is served over its connection, and the carrier over UDP', async () => {
    const { dialer, carrier } = await bothEnds(bed, { dialerSide: { transport: 'tcp' } });
    const answer = firstOf(dialer.received(200, 'INVITE'), '200 received');
    expect(contactUri(answer)).toBe(`sip:${TARGET.address}:${TARGET.port};transport=tcp`);
    expect(calledItself(carrier).via).toMatch(/^SIP\/2\.0\/UDP /);
  });

  it('hangs up when the carrier is silent: CANCEL and 487 go over the same connection', async () => {
    const call = await bed.call({
      dialer: 'dialer-cancels',
      carrier: 'carrier-rings',
      dialerSide: { transport: 'tcp' },
    });
    const { dialer, outcome } = await call.ended();
    expect(dialer.received(487, 'INVITE')).toHaveLength(1);
    expect(outcome.network).not.toBe('answered');
  });
});

describe('a carrier over TCP', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open({ BRUSIO_CARRIER: `${CARRIER_URI};transport=tcp` });
    return () => bed.close();
  });

  it('is called over TCP, and the dialer answered over UDP', async () => {
    const { dialer, carrier } = await bothEnds(bed, { carrierSide: { transport: 'tcp' } });
    const { via, contact } = calledItself(carrier);
    expect(via).toMatch(new RegExp(`^SIP/2\\.0/TCP ${TARGET.address}:${TARGET.port};`));
    expect(contact).toMatch(new RegExp(`^sip:${TARGET.address}:${TARGET.port};transport=tcp$`));
    const answer = firstOf(dialer.received(200, 'INVITE'), '200 received');
    expect(contactUri(answer)).toBe(`sip:${TARGET.address}:${TARGET.port}`);
  });

  it('serves a dialer over TCP too', async () => {
    await bothEnds(bed, { dialerSide: { transport: 'tcp' }, carrierSide: { transport: 'tcp' } });
  });

  it('that does not listen is a network failure, told at once', async () => {
    const number = bed.newNumber();
    const rtp = await bed.rtpEnd(DIALER_ADDRESS);
    const dialer = bed.dialer('dialer-is-refused', rtp, number);
    const trace = await dialer.finished();
    expect(trace.received(503, 'INVITE')).toHaveLength(1);
    const outcome = await bed.webhooks.outcome(dialer.callIds[0] ?? '');
    expect(outcome.network).not.toBe('answered');
  });
});

describe('TLS on both legs', () => {
  const tls: Endpoint = { address: BRUSIO_ADDRESS, port: 5061 };
  const dialerTunnel: Endpoint = { address: DIALER_ADDRESS, port: 7_061 };
  const carrierTunnel: Endpoint = { address: CARRIER.address, port: 5061 };
  const authority = testAuthority();
  const own = authority.issue('brusio', `IP:${BRUSIO_ADDRESS}`);
  const theirs = authority.issue('carrier', 'DNS:carrier.test');
  const tunnels: TlsTunnel[] = [];
  let bed: TestBed;

  beforeAll(async () => {
    const ca = readFileSync(authority.ca);
    const shown = { cert: readFileSync(theirs.certificate), key: readFileSync(theirs.key), ca };
    tunnels.push(
      // The dialer verifies Brusio's certificate and shows one; the carrier asks for Brusio's.
      await intoTls(dialerTunnel, tls, shown),
      await outOfTls(carrierTunnel, CARRIER, { ...shown, requestCert: true, rejectUnauthorized: true }),
    );
    bed = await TestBed.open(
      {},
      {
        sip: {
          listen: [`tls/${tls.address}:${tls.port}`],
          hosts: { 'carrier.test': CARRIER.address },
          tls: { ...own, ca: authority.ca, peerCertificate: 'require' },
        },
        carriers: [{ uri: 'sips:carrier.test', sources: [CARRIER.address] }],
      },
    );
    return async () => {
      for (const tunnel of tunnels) await tunnel.close();
      await bed.close();
    };
  });
  afterAll(() => rmSync(authority.dir, { recursive: true }));

  it('carries whole calls, certificates asked for both ways, the carrier named by a sips URI', async () => {
    const { dialer, carrier } = await bothEnds(bed, {
      dialerSide: { transport: 'tcp', remote: dialerTunnel },
      carrierSide: { transport: 'tcp' },
    });
    const invite = firstOf(carrier.received('INVITE'), 'INVITE received');
    expect(invite.startLine).toMatch(/^INVITE sips:\S+@carrier\.test SIP\/2\.0$/);
    const { via, contact } = calledItself(carrier);
    expect(via).toMatch(new RegExp(`^SIP/2\\.0/TLS ${tls.address}:5061;`));
    expect(contact).toMatch(new RegExp(`^sips:${tls.address}:5061$`));
    const answer = firstOf(dialer.received(200, 'INVITE'), '200 received');
    expect(contactUri(answer)).toBe(`sip:${tls.address}:5061;transport=tls`);
  });
});

describe('IPv6 on both legs', () => {
  const brusio: Endpoint = { address: '::1', port: 15_060 + (process.pid % 1_000) * 4 };
  const carrier: Endpoint = { address: '::1', port: brusio.port + 1 };

  it.each(['udp', 'tcp'] as const)('over %s carries whole calls', async (transport) => {
    const bed = await TestBed.open({
      BRUSIO_SIP_LISTEN: `[::1]:${brusio.port}`,
      BRUSIO_CARRIER: `sip:[::1]:${carrier.port};transport=${transport}`,
      BRUSIO_DIALERS: '::1',
    });
    try {
      let port = carrier.port;
      const side = () => ({ transport, remote: brusio, local: { address: '::1', port: ++port } });
      const ends = {
        carrierSide: { transport, local: carrier },
        get dialerSide() {
          return side();
        },
      };
      const { carrier: trace } = await bothEnds(bed, ends);
      const { via, contact } = calledItself(trace);
      expect(via).toContain(`[::1]:${brusio.port};rport`);
      expect(contact).toBe(`sip:[::1]:${brusio.port}${transport === 'tcp' ? ';transport=tcp' : ''}`);
    } finally {
      await bed.close();
    }
  });
});
