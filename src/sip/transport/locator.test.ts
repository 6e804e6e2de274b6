import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { createEngine, type LocalEngine } from '../engine.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../engine-options.ts';
import { type DnsServer, dnsServer } from '../testing/dns-server.ts';
import {
  connectSrf,
  leave,
  responseTo,
  type SrfClient,
  type SrfRequest,
  type SrfResponse,
} from '../testing/srf-client.ts';
import type { Listener } from '../transaction/hop.ts';
import { readHostPlace } from './host-map.ts';
import { createLocator } from './locator.ts';
import { NO_ANSWER } from './name-server.ts';
import { systemNameServer } from './system-name-server.ts';

const listener = (protocol: Listener['protocol'], address: string): Listener => ({
  protocol,
  address,
  port: 5060,
  host: address,
});

describe('RFC 3263 §4: where a URI leads without a look-up', () => {
  const called: string[] = [];
  const locator = createLocator({
    hosts: { 'Carrier.example': ['192.0.2.1', 'tcp/192.0.2.2:5070', '[2001:db8::1]:5080'] },
    listeners: [listener('udp', '10.0.0.1'), listener('tcp', '10.0.0.1'), listener('udp', '2001:db8::9')],
    names: { naptr: async () => NO_ANSWER, srv: async () => NO_ANSWER, addresses: async () => NO_ANSWER },
    random: () => 0,
    onCalled: (address) => void called.push(address),
  });
  const places = (uri: string, anyTransport = false) => {
    const location = locator.locate(uri, anyTransport);
    if (location.kind !== 'hops') return location.kind;
    return location.hops.map(({ protocol, address, port }) => `${protocol} ${address} ${port}`).join(', ');
  };

  it.each([
    ['sip:a@192.0.2.5', 'udp 192.0.2.5 5060'],
    ['sip:a@192.0.2.5:5070;transport=TCP', 'tcp 192.0.2.5 5070'],
    ['sip:a@example.org;maddr=192.0.2.6', 'udp 192.0.2.6 5060'],
    ['192.0.2.5:5066', 'udp 192.0.2.5 5066'],
    ['sip:a@[2001:db8::5]', 'udp 2001:db8::5 5060'],
    ['sip:a@[2001:db8::5];transport=tcp', 'unsupported-transport'],
    ['sip:a@192.0.2.5;transport=tls', 'unsupported-transport'],
    ['sip:a@192.0.2.5;transport=ws', 'unsupported-transport'],
    ['sips:a@192.0.2.5', 'unsupported-transport'],
    ['tel:+39', 'unsupported-scheme'],
    ['sip:a@', 'unreadable'],
    ['sip:a@carrier.example', 'udp 192.0.2.1 5060, tcp 192.0.2.2 5070, udp 2001:db8::1 5080'],
    ['sip:a@carrier.example;transport=tcp', 'tcp 192.0.2.1 5060, tcp 192.0.2.2 5070'],
    ['sip:a@carrier.example:5090', 'udp 192.0.2.1 5090, tcp 192.0.2.2 5090, udp 2001:db8::1 5090'],
  ])('%s: %s', (uri, expected) => {
    expect(places(uri)).toBe(expected);
  });

  it('takes another transport for a peer that reached us over one', () => {
    expect(places('sip:a@192.0.2.5;transport=tls', true)).toBe('udp 192.0.2.5 5060');
    expect(places('sips:a@192.0.2.5', true)).toBe('udp 192.0.2.5 5060');
  });

  it('tells whom an application calls by name', () => {
    called.length = 0;
    places('sip:a@carrier.example');
    places('sip:a@192.0.2.77');
    places('sip:a@carrier.example', true);
    expect(called).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1']);
  });

  it.each(['', 'example.org', 'sctp/192.0.2.1', '192.0.2.1:0', '192.0.2.1:70000', '[192.0.2.1]', '192.0.2.300'])(
    'the hosts map knows no place "%s"',
    (text) => expect(readHostPlace(text)).toBeNull(),
  );

  it('the hosts map knows bare IPv6 addresses', () => {
    expect(readHostPlace('2001:db8::1')).toEqual({ address: '2001:db8::1', port: null, protocol: null });
    expect(readHostPlace('tls/[::1]:5061')).toEqual({ address: '::1', port: 5061, protocol: 'tls' });
  });
});

describe('RFC 3263 over a name server', () => {
  let dns: DnsServer;
  let engine: LocalEngine;
  let srf: SrfClient;
  const others: LocalEngine[] = [];
  const clients: SrfClient[] = [];
  const contained: unknown[] = [];

  const start = async (changes: Partial<EngineOptions> = {}) => {
    engine = await createEngine(
      { ...DEFAULT_ENGINE_OPTIONS, nameServers: [dns.place], ...changes },
      (thrown) => contained.push(thrown),
      systemClock,
    );
    srf = await connectSrf(engine);
  };
  /** A server that answers OPTIONS with that status; its port. */
  const server = async (status: number, protocols: readonly ('udp' | 'tcp')[] = ['udp']) => {
    const other = await createEngine(
      { ...DEFAULT_ENGINE_OPTIONS, listen: [{ protocols, address: '127.0.0.1', port: 0, externalAddress: null }] },
      (thrown) => contained.push(thrown),
    );
    others.push(other);
    const client = await connectSrf(other);
    clients.push(client);
    client.options((_req: SrfRequest, res: SrfResponse) => res.send(status));
    return Number(other.listening[0]?.split(':')[1]);
  };
  const ask = (uri: string) => responseTo(srf, uri, { method: 'OPTIONS' });

  beforeEach(async () => {
    dns = await dnsServer({});
  });

  afterEach(async () => {
    for (const client of [srf, ...clients.splice(0)]) leave(client);
    await Promise.all([engine, ...others.splice(0)].map((one) => one.stop()));
    await dns.close();
    expect(contained).toEqual([]);
  });

  it('§4.3: asks NAPTR, SRV and A, and goes on after 503 and after a refused connection', async () => {
    const [busy, good] = [await server(503), await server(200)];
    const nobody = await server(200, ['tcp']);
    await others.at(-1)?.stop();
    Object.assign(dns.zone, {
      'example.test': [
        { type: 'NAPTR', data: [10, 1, 's', 'SIP+D2T', '_sip._tcp.example.test'] },
        { type: 'NAPTR', data: [20, 1, 's', 'SIP+D2U', '_sip._udp.example.test'] },
      ],
      '_sip._tcp.example.test': [{ type: 'SRV', data: [0, 1, nobody, 'host.example.test'] }],
      '_sip._udp.example.test': [
        { type: 'SRV', data: [1, 1, busy, 'host.example.test'] },
        { type: 'SRV', data: [2, 1, good, 'host.example.test'] },
      ],
      'host.example.test': [{ type: 'A', address: '127.0.0.1' }],
    });
    await start();
    expect((await ask('sip:x@example.test')).status).toBe(200);
    expect(dns.asked).toContain('NAPTR example.test');
    expect(engine.stats()).toMatchObject({ sendErrors: 1 });
    const count = dns.asked.length;
    // The answers are remembered, and so is who failed.
    const before = engine.stats().sent;
    expect((await ask('sip:x@example.test')).status).toBe(200);
    expect(dns.asked).toHaveLength(count);
    expect(engine.stats().sent - before).toBe(1);
  });

  it('a host whose requests we take only since we called it by name', async () => {
    const port = await server(200);
    dns.zone['carrier.test'] = [{ type: 'A', address: '127.0.0.1', ttlS: 1 }];
    await start({ allowedSources: ['192.0.2.1'] });
    const back = () =>
      responseTo(clients[0] as SrfClient, `sip:${engine.listening[0]?.slice(4)}`, { method: 'OPTIONS' });
    const unheard = back();
    expect((await ask(`sip:carrier.test:${port}`)).status).toBe(200);
    expect((await back()).status).toBe(200);
    // The first one was dropped, and its repetition came after the call.
    expect((await unheard).status).toBe(200);
    expect(engine.stats().unlistedSource).toBeGreaterThan(0);
  });

  it('fails with 503, after the receipt, when the name leads nowhere, and when nobody answers', async () => {
    await start();
    expect((await ask('sip:nowhere.test')).status).toBe(503);
    dns.isMute = true;
    expect((await ask('sip:silent.test:5060')).status).toBe(503);
  });

  it('knows lifetimes and IPv6 addresses', async () => {
    dns.zone['v6.test'] = [
      { type: 'AAAA', address: '2001:db8::5', ttlS: 7 },
      { type: 'A', address: '192.0.2.5', ttlS: 9 },
    ];
    await start();
    const names = systemNameServer([dns.place]);
    expect(await names.addresses('v6.test', 6)).toEqual({ records: ['2001:db8::5'], ttlS: 7, failed: false });
    expect(await names.addresses('v6.test', 4)).toEqual({ records: ['192.0.2.5'], ttlS: 9, failed: false });
    expect(await names.addresses('localhost', 4)).toMatchObject({ records: ['127.0.0.1'] });
    expect(await names.srv('absent.test')).toMatchObject({ records: [], failed: false });
  });
});
