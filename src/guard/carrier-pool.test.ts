import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { SILENT_LOG } from '../testing/fake-ports.ts';
import { type CarrierPool, type CarrierTerms, createCarrierPool, fixedRoute, type OpenRoute } from './carrier-pool.ts';

function terms(name: string, changed: Partial<CarrierTerms> = {}): CarrierTerms {
  return {
    name,
    uri: `sip:${name}.example`,
    priority: 0,
    weight: 1,
    campaigns: [],
    callsPerSecondMax: null,
    callsMax: null,
    health: { failMax: 2, riseMin: 3 },
    ...changed,
  };
}

let clock: FakeClock;
beforeEach(() => {
  clock = fakeClock();
});

const poolOf = (...carriers: CarrierTerms[]): CarrierPool =>
  createCarrierPool(carriers, clock, seededRandom(7), SILENT_LOG);

function routeOf(pool: CarrierPool, campaign = 'default'): OpenRoute {
  const decision = pool.route(campaign);
  if (decision.found !== 'route') throw new Error(decision.found);
  return decision.route;
}

/** Every carrier of a call, in the order in which it would try them. */
function orderOf(pool: CarrierPool, campaign?: string): string[] {
  const route = routeOf(pool, campaign);
  const order: string[] = [];
  for (let next = route.next(); next !== null; next = route.next()) order.push(next.name);
  route.close();
  return order;
}

describe('the order of carriers (RFC 2782)', () => {
  it('is that of their priorities', () => {
    const pool = poolOf(terms('c', { priority: 20 }), terms('a', { priority: 3 }), terms('b', { priority: 10 }));
    for (let call = 0; call < 20; call++) expect(orderOf(pool)).toEqual(['a', 'b', 'c']);
  });

  it('within a priority is drawn by weight, and weight 0 comes last', () => {
    const pool = poolOf(terms('zero', { weight: 0 }), terms('one'), terms('three', { weight: 3 }));
    const orders = Array.from({ length: 4_000 }, () => orderOf(pool));
    expect(orders.every((order) => order[2] === 'zero')).toBe(true);
    const share = orders.filter(([first]) => first === 'three').length / orders.length;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
  });

  it('has only the carriers that serve the campaign', () => {
    const pool = poolOf(terms('all', { priority: 1 }), terms('luce', { campaigns: ['luce'] }));
    expect(orderOf(pool, 'luce')).toEqual(['luce', 'all']);
    expect(orderOf(pool, 'gas')).toEqual(['all']);
    expect(poolOf(terms('luce', { campaigns: ['luce'] })).route('gas')).toEqual({ found: 'none-serves' });
  });

  it('puts who is down behind everybody, and back after enough good answers', () => {
    const pool = poolOf(terms('a'), terms('b', { priority: 1 }));
    pool.probed('a', false);
    expect(orderOf(pool), 'one lost OPTIONS is no outage').toEqual(['a', 'b']);
    pool.probed('a', false);
    expect(orderOf(pool)).toEqual(['b', 'a']);
    pool.probed('a', true);
    pool.probed('a', false);
    pool.probed('a', true);
    pool.probed('a', true);
    expect(orderOf(pool), 'three in a row').toEqual(['b', 'a']);
    pool.probed('a', true);
    expect(orderOf(pool)).toEqual(['a', 'b']);
  });

  it('puts who needs a registration and has none behind everybody', () => {
    const pool = poolOf(terms('a'), terms('b', { priority: 1 }));
    pool.registration('a', 'pending');
    expect(orderOf(pool)).toEqual(['b', 'a']);
    pool.registration('a', 'registered');
    expect(orderOf(pool)).toEqual(['a', 'b']);
  });
});

describe('a carrier’s limits', () => {
  it('calls at once: the next carrier beyond, and free again when a call is over', () => {
    const pool = poolOf(terms('a', { callsMax: 1 }), terms('b', { priority: 1 }));
    const first = routeOf(pool);
    expect(first.next()?.name).toBe('a');
    expect(routeOf(pool).next()?.name).toBe('b');
    first.close();
    first.close();
    expect(routeOf(pool).next()?.name).toBe('a');
    expect(pool.status().map(({ name, callsLive, limited }) => [name, callsLive, limited])).toEqual([
      ['a', 1, 1],
      ['b', 1, 0],
    ]);
  });

  it('calls a second: when nobody has room, it is told when to come back', () => {
    const pool = poolOf(terms('a', { callsPerSecondMax: 2 }));
    routeOf(pool);
    routeOf(pool);
    expect(pool.route('default')).toEqual({ found: 'none-free', retryAfterMs: 500 });
    clock.advance(500);
    expect(routeOf(pool).next()?.name).toBe('a');
  });

  it('a pause it asked for: until then it is not tried, and never believed beyond an hour', () => {
    const pool = poolOf(terms('a'), terms('b', { priority: 1 }));
    const route = routeOf(pool);
    const a = route.next() ?? expect.fail('no carrier');
    route.failed(a, 30_000);
    expect(route.next()?.name).toBe('b');
    expect(orderOf(pool)).toEqual(['b']);
    clock.advance(30_000);
    expect(orderOf(pool)).toEqual(['a', 'b']);
    const alone = poolOf(terms('a'));
    const way = routeOf(alone);
    way.failed(way.next() ?? expect.fail('no carrier'), 1e12);
    expect(alone.route('default')).toEqual({ found: 'none-free', retryAfterMs: 3_600_000 });
  });

  it('leave nothing behind, however a call went', () => {
    const pool = poolOf(terms('a', { callsMax: 5 }), terms('b', { callsMax: 5 }), terms('c', { callsMax: 5 }));
    const random = seededRandom(3);
    for (let call = 0; call < 500; call++) {
      const route = routeOf(pool);
      for (let step = 0; step < 4; step++) {
        const carrier = random() < 0.8 ? route.next() : null;
        const fate = random();
        if (carrier === null || fate < 0.3) continue;
        if (fate < 0.6) route.failed(carrier, null);
        else route.released(carrier);
      }
      route.close();
    }
    expect(pool.status().map(({ callsLive }) => callsLive)).toEqual([0, 0, 0]);
  });
});

describe('an inbound call’s route', () => {
  it('has its one target, once', () => {
    const route = fixedRoute({ name: 'inbound', uri: 'sip:pbx.example' });
    expect(route.next()?.uri).toBe('sip:pbx.example');
    expect(route.next()).toBeNull();
  });
});
