import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { findTargets, TARGETS_MAX, type TargetQuery } from './find-targets.ts';
import { type NameServer, type NaptrRecord, NO_ANSWER, type SrvRecord } from './name-server.ts';
import { inSrvOrder } from './srv-order.ts';

type Zone = {
  readonly naptr?: Record<string, readonly NaptrRecord[]>;
  readonly srv?: Record<string, readonly SrvRecord[]>;
  readonly a?: Record<string, readonly string[]>;
  readonly aaaa?: Record<string, readonly string[]>;
};

function zoneServer(zone: Zone, asked: string[] = []): NameServer {
  const answer = <Item>(kind: string, name: string, records: readonly Item[] | undefined) => {
    asked.push(`${kind} ${name}`);
    return Promise.resolve(records === undefined ? NO_ANSWER : { records, ttlS: 60, failed: false });
  };
  return {
    naptr: (name) => answer('NAPTR', name, zone.naptr?.[name]),
    srv: (name) => answer('SRV', name, zone.srv?.[name]),
    addresses: (name, family) => answer(family === 4 ? 'A' : 'AAAA', name, (family === 4 ? zone.a : zone.aaaa)?.[name]),
  };
}

const srv = (priority: number, weight: number, port: number, name: string): SrvRecord => ({
  priority,
  weight,
  port,
  name,
});
const naptr = (order: number, preference: number, service: string, replacement: string): NaptrRecord => ({
  order,
  preference,
  flags: 's',
  service,
  replacement,
});

async function targets(zone: Zone, query: Partial<TargetQuery> = {}, spoken = ['udp4', 'tcp4', 'tls4']) {
  const asked: string[] = [];
  const hops = await findTargets(
    { host: 'example.org', port: null, isSips: false, protocol: null, ...query },
    {
      names: zoneServer(zone, asked),
      random: seededRandom(1),
      canSpeak: (protocol, family) => spoken.includes(`${protocol}${family}`),
    },
  );
  return {
    hops: hops.map(({ protocol, address, port }) => `${protocol} ${address} ${port}`),
    asked,
    names: hops.map(({ name }) => name),
  };
}

const ADDRESSES = {
  a: { 'a.example.org': ['192.0.2.1'], 'b.example.org': ['192.0.2.2'], 'example.org': ['192.0.2.9'] },
};

describe('RFC 3263 §4.1: the transport', () => {
  const full: Zone = {
    ...ADDRESSES,
    naptr: {
      'example.org': [
        naptr(50, 50, 'SIPS+D2T', '_sips._tcp.example.org'),
        naptr(100, 50, 'SIP+D2U', '_sip._udp.example.org'),
        naptr(90, 50, 'SIP+D2T', '_sip._tcp.example.org'),
        naptr(10, 10, 'E2U+sip', 'nothing.example.org'),
      ],
    },
    srv: {
      '_sips._tcp.example.org': [srv(0, 1, 5061, 'a.example.org')],
      '_sip._tcp.example.org': [srv(0, 1, 5070, 'b.example.org')],
      '_sip._udp.example.org': [srv(0, 1, 5060, 'b.example.org')],
    },
  };

  it('is what NAPTR prefers, of what we speak', async () => {
    expect((await targets(full)).hops).toEqual(['tls 192.0.2.1 5061', 'tcp 192.0.2.2 5070', 'udp 192.0.2.2 5060']);
    expect((await targets(full, {}, ['udp4'])).hops).toEqual(['udp 192.0.2.2 5060']);
  });

  it('is TLS alone for sips', async () => {
    expect((await targets(full, { isSips: true })).hops).toEqual(['tls 192.0.2.1 5061']);
    expect((await targets(full, { isSips: true }, ['udp4', 'tcp4'])).hops).toEqual([]);
  });

  it('is that of the URI, without asking NAPTR', async () => {
    const { hops, asked } = await targets(full, { protocol: 'tcp' });
    expect(hops).toEqual(['tcp 192.0.2.2 5070']);
    expect(asked).toEqual(['SRV _sip._tcp.example.org', 'A b.example.org']);
  });

  it('is found by SRV where NAPTR says nothing', async () => {
    const { hops, asked } = await targets({
      ...ADDRESSES,
      srv: { '_sip._tcp.example.org': [srv(0, 1, 5070, 'b.example.org')] },
    });
    expect(hops).toEqual(['tcp 192.0.2.2 5070']);
    expect(asked.slice(0, 4)).toEqual([
      'NAPTR example.org',
      'SRV _sip._udp.example.org',
      'SRV _sip._tcp.example.org',
      'SRV _sips._tcp.example.org',
    ]);
  });

  it('is UDP, and TLS for sips, where there is no SRV either', async () => {
    expect((await targets(ADDRESSES)).hops).toEqual(['udp 192.0.2.9 5060']);
    expect((await targets(ADDRESSES, { isSips: true })).hops).toEqual(['tls 192.0.2.9 5061']);
    expect((await targets(ADDRESSES, {}, ['tcp4'])).hops).toEqual(['tcp 192.0.2.9 5060']);
  });
});

describe('RFC 3263 §4.2: port and address', () => {
  it('a port in the URI asks for addresses only', async () => {
    const { hops, asked } = await targets(ADDRESSES, { port: 5080 });
    expect(hops).toEqual(['udp 192.0.2.9 5080']);
    expect(asked).toEqual(['A example.org']);
  });

  it('every address of a server is a target, of the families that we have', async () => {
    const zone: Zone = { a: { 'example.org': ['192.0.2.1', '192.0.2.2'] }, aaaa: { 'example.org': ['2001:db8::1'] } };
    expect((await targets(zone, { port: 5060 }, ['udp4', 'udp6'])).hops).toEqual([
      'udp 192.0.2.1 5060',
      'udp 192.0.2.2 5060',
      'udp 2001:db8::1 5060',
    ]);
    expect((await targets(zone, { port: 5060 }, ['udp6'])).hops).toEqual(['udp 2001:db8::1 5060']);
  });

  it('servers come by priority, and each is called by the name of the URI (RFC 5922 §4)', async () => {
    const { hops, names } = await targets({
      ...ADDRESSES,
      srv: { '_sip._udp.example.org': [srv(20, 1, 5060, 'b.example.org'), srv(10, 1, 5090, 'a.example.org')] },
    });
    expect(hops).toEqual(['udp 192.0.2.1 5090', 'udp 192.0.2.2 5060']);
    expect(names).toEqual(['example.org', 'example.org']);
  });

  it('a target of "." means that the service is not there (RFC 2782)', async () => {
    expect((await targets({ ...ADDRESSES, srv: { '_sip._udp.example.org': [srv(0, 0, 0, '.')] } })).hops).toEqual([]);
  });

  it('no more targets than the limit are given', async () => {
    const many = Array.from({ length: 40 }, (_, index) => `192.0.2.${index}`);
    expect((await targets({ a: { 'example.org': many } }, { port: 5060 })).hops).toHaveLength(40);
    const records = Array.from({ length: 40 }, (_, index) => srv(index, 1, 5060, 'a.example.org'));
    expect((await targets({ ...ADDRESSES, srv: { '_sip._udp.example.org': records } })).hops).toHaveLength(TARGETS_MAX);
  });

  it('a name that leads nowhere has no target', async () => {
    expect((await targets({})).hops).toEqual([]);
  });
});

describe('RFC 2782: the order of servers', () => {
  it('shares the first place by weight', () => {
    const random = seededRandom(42);
    const first: Record<string, number> = {};
    for (let draw = 0; draw < 10_000; draw++) {
      const name =
        inSrvOrder([srv(0, 60, 1, 'a'), srv(0, 30, 1, 'b'), srv(0, 10, 1, 'c'), srv(0, 0, 1, 'd')], random)[0]?.name ??
        '';
      first[name] = (first[name] ?? 0) + 1;
    }
    expect(first.a).toBeGreaterThan(5_700);
    expect(first.a).toBeLessThan(6_200);
    expect(first.b).toBeGreaterThan(2_750);
    expect(first.c).toBeGreaterThan(850);
    // One draw in 101: hardly any chance, but some.
    expect(first.d).toBeGreaterThan(40);
    expect(first.d).toBeLessThan(200);
  });

  it('gives every server once, whatever the draws', () => {
    const random = seededRandom(7);
    const records = [srv(1, 5, 1, 'a'), srv(0, 0, 1, 'b'), srv(1, 0, 1, 'c'), srv(0, 0, 1, 'd')];
    for (let draw = 0; draw < 200; draw++) {
      const names = inSrvOrder(records, random).map(({ name }) => name);
      expect(names.slice(0, 2).toSorted()).toEqual(['b', 'd']);
      expect(names.slice(2).toSorted()).toEqual(['a', 'c']);
    }
  });
});
