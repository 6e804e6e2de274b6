import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, describe, expect, it } from 'vitest';
import type { WallMs } from '../src/base/clock.ts';
import { addDays, localTimeOf } from '../src/base/local-time.ts';
import { LEGAL_RULES, type LegalRule } from '../src/policy/rules/ruling.ts';
import { metricSum } from './brusio-api.ts';
import { CARRIER, DIALER_ADDRESS } from './engine-under-test.ts';
import { peersPerTest } from './peers-per-test.ts';
import type { PeerCall, PeerInvite } from './sip-peer.ts';
import { header, type SipMessage } from './sip-trace.ts';
import { CALLER_ID, TestBed } from './test-bed.ts';

const DAY_S = 86_400;

/** A campaign that enforces some rules and observes the others. */
function enforcing(name: string, rules: readonly LegalRule[], terms: object = {}): object {
  return { name, ...terms, rules: Object.fromEntries(rules.map((rule) => [rule, 'enforce'])) };
}

/** Today and its neighbours as `MM-DD`, so that a test that runs over midnight meets holidays only. */
function theseDays(): string[] {
  const { day } = localTimeOf('Europe/Rome', Date.now() as WallMs);
  return [-1, 0, 1].map((days) => addDays(day, days).slice(5));
}

const SETTINGS = {
  numbers: { countryCode: '39' },
  wait: { limitMs: 500 },
  campaigns: {
    callerIds: ['+390211*'],
    named: [
      enforcing('over', ['campaign-dates'], { endsOn: '2020-01-31' }),
      enforcing('no-roc', ['roc']),
      enforcing('undeclared', ['declared-caller-id']),
      enforcing('holiday', ['calling-hours'], { hours: { extraHolidays: theseDays() } }),
      enforcing('screened', ['screening']),
      enforcing('locking', ['recall-lock'], { controller: 'locking' }),
      enforcing('guaranteeing', ['guaranteed-agent'], { controller: 'locking' }),
      enforcing('rare', ['frequency'], { frequency: { perDay: 1, perWeek: null, perCampaign: null } }),
      enforcing('careful', ['abandonment-budget']),
      enforcing('strict', ['declared-caller-id', 'screening', 'abandonment-budget']),
    ],
  },
};

/** The ledger's decisions on a call. */
type Decision = { allowed: boolean; breaches: { rule: string; mode: string }[]; exception: object | null };

describe('a call that breaches a rule of law', () => {
  let bed: TestBed;
  const { open } = peersPerTest();
  beforeAll(async () => {
    bed = await TestBed.open({}, SETTINGS);
    return () => bed.close();
  });

  /** A carrier at which everybody is busy: what reaches it was allowed. */
  const busyCarrier = () =>
    open(CARRIER, (request, peer) => {
      if (request.method === 'INVITE') peer.reply(request, 486, 'Busy Here');
    });
  const call = async (campaign: string, number = bed.newNumber(), headers: readonly string[] = []) => {
    const invite: PeerInvite = { number, headers: [`X-Brusio-Campaign: ${campaign}`, ...headers] };
    return (await open({ address: DIALER_ADDRESS, port: 0 })).invite(invite);
  };
  const breaches = async (rule: LegalRule, mode: string) =>
    metricSum(
      await bed.brusio.api.metrics(),
      new RegExp(`^brusio_rule_breaches_total.*rule="${rule}".*mode="${mode}"`),
    );

  async function decisionsOn(callId: string): Promise<Decision[]> {
    await bed.committed();
    const database = new DatabaseSync(join(bed.brusio.dataDir, 'brusio.db'), { readOnly: true });
    try {
      const rows = database.prepare("SELECT body FROM ledger WHERE kind = 'decision' AND call_id = ?").all(callId);
      return rows.map(({ body }) => JSON.parse(String(body)) as Decision);
    } finally {
      database.close();
    }
  }

  /** Checks what holds for every refusal, and returns what is told of it. */
  async function refused(placed: PeerCall, rule: LegalRule, status: number, before: number): Promise<SipMessage> {
    const final = await placed.final();
    expect(final.status).toBe(status);
    expect(header(final, 'Reason')).toBe(`Q.850;cause=21;text="${rule}"`);
    const decision = header(final, 'X-Brusio-Decision') ?? '';
    expect(decision).toMatch(new RegExp(`^${rule}; .+; .+; .+`));
    const outcome = await bed.webhooks.outcome(placed.callId);
    expect(outcome).toMatchObject({
      network: 'blocked',
      handling: 'none',
      class: null,
      endedBy: 'guard',
      sip: { status, q850: 21, carrierCallId: null, attempts: [] },
      ledger: { seq: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const [entry, ...more] = await decisionsOn(outcome.callId);
    expect(more, 'further decisions').toEqual([]);
    expect(entry).toMatchObject({ allowed: false });
    expect(entry?.breaches.find(({ mode }) => mode === 'enforce')?.rule).toBe(rule);
    expect(await breaches(rule, 'enforce'), 'counted').toBe(before + 1);
    return final;
  }

  it.each([
    ['campaign-dates', 'over', 403],
    ['roc', 'no-roc', 403],
    ['declared-caller-id', 'undeclared', 403],
    ['calling-hours', 'holiday', 480],
    ['screening', 'screened', 603],
    ['abandonment-budget', 'careful', 480],
  ] as const)('%s is refused before the carrier sees anything', async (rule, campaign, status) => {
    const carrier = await busyCarrier();
    const before = await breaches(rule, 'enforce');
    const final = await refused(await call(campaign), rule, status, before);
    expect(carrier.messages, 'at the carrier').toEqual([]);
    const retryAfterS = Number(header(final, 'Retry-After') ?? Number.NaN);
    // Never open before the day after tomorrow.
    if (rule === 'calling-hours') expect(retryAfterS).toBeGreaterThan(DAY_S);
    else expect(retryAfterS).toBeNaN();
  });

  it('passes where the rule is only observed, and is told of it', async () => {
    const carrier = await busyCarrier();
    const before = await breaches('declared-caller-id', 'observe');
    const placed = await call('any');
    expect((await placed.final()).status).toBe(486);
    expect(carrier.requests('INVITE')).toHaveLength(1);
    const outcome = await bed.webhooks.outcome(placed.callId);
    expect(outcome).toMatchObject({ network: 'busy' });
    const [entry] = await decisionsOn(outcome.callId);
    expect(entry?.allowed).toBe(true);
    expect(entry?.breaches).toContainEqual(expect.objectContaining({ rule: 'declared-caller-id', mode: 'observe' }));
    expect(await breaches('declared-caller-id', 'observe')).toBe(before + 1);
  });

  it('is told the first of several, and the ledger all', async () => {
    const before = await breaches('declared-caller-id', 'enforce');
    const placed = await call('strict');
    await refused(placed, 'declared-caller-id', 403, before);
    const [entry] = await decisionsOn((await bed.webhooks.outcome(placed.callId)).callId);
    const enforced = entry?.breaches.filter(({ mode }) => mode === 'enforce').map(({ rule }) => rule);
    expect(enforced).toEqual(['declared-caller-id', 'screening', 'abandonment-budget']);
    const order = entry?.breaches.map(({ rule }) => LEGAL_RULES.indexOf(rule as LegalRule)) ?? [];
    expect(order).toEqual(order.toSorted((one, other) => one - other));
  });

  it('screening is passed by consent with a reference, which the ledger keeps', async () => {
    await busyCarrier();
    const placed = await call('screened', bed.newNumber(), ['X-Brusio-Consent: consent;ref=crm-4711']);
    expect((await placed.final()).status).toBe(486);
    const [entry] = await decisionsOn((await bed.webhooks.outcome(placed.callId)).callId);
    expect(entry).toMatchObject({ allowed: true, exception: { basis: 'consent', reference: 'crm-4711' } });
  });

  it('abandonment-budget is passed by an agent on the line', async () => {
    await busyCarrier();
    const placed = await call('careful', bed.newNumber(), ['X-Brusio-Agent: 1001;state=connected']);
    expect((await placed.final()).status).toBe(486);
  });

  it('frequency is refused until the next local day', async () => {
    const carrier = await busyCarrier();
    const number = bed.newNumber();
    const first = await call('rare', number);
    expect((await first.final()).status).toBe(486);
    await bed.webhooks.outcome(first.callId);
    const final = await refused(await call('rare', number), 'frequency', 480, 0);
    expect(carrier.requests('INVITE')).toHaveLength(1);
    const retryAfterS = Number(header(final, 'Retry-After'));
    expect(retryAfterS).toBeGreaterThan(0);
    expect(retryAfterS).toBeLessThanOrEqual(DAY_S + 3_600);
  });

  it('recall-lock is refused while another call to the number rings, and no longer', async () => {
    const carrier = await open(CARRIER, (request, peer) => {
      if (request.method === 'INVITE') peer.reply(request, 180, 'Ringing');
    });
    const number = bed.newNumber();
    const first = await call('locking', number);
    await first.provisional(180);
    // National and E.164 are one number.
    const final = await refused(await call('locking', number.replace('+39', '')), 'recall-lock', 480, 0);
    expect(header(final, 'X-Brusio-Decision')).toContain('inFlight=1');
    expect(header(final, 'Retry-After')).toBeNull();
    const ringing = await carrier.message('INVITE', ({ method }) => method === 'INVITE');
    carrier.reply(ringing, 486, 'Busy Here');
    expect((await first.final()).status).toBe(486);
    await bed.webhooks.outcome(first.callId);
    const again = await call('locking', number);
    await again.provisional(180);
    const [, second] = carrier.requests('INVITE');
    if (second === undefined) throw new Error('no second INVITE');
    carrier.reply(second, 486, 'Busy Here');
    expect((await again.final()).status).toBe(486);
  });

  it('recall-lock and guaranteed-agent are refused after a silent call, over a restart', async () => {
    const silent = await bed.call({
      dialer: 'dialer-waits-for-bye',
      carrier: 'carrier-answers',
      inviteHeaders: ['X-Brusio-Campaign: locking'],
    });
    expect((await silent.ended()).outcome).toMatchObject({ class: 'A', handling: 'silent', callerId: CALLER_ID });
    await bed.brusio.stop();
    await bed.brusio.start();
    const carrier = await busyCarrier();

    const locked = await refused(await call('locking', silent.number), 'recall-lock', 480, 0);
    expect(Number(header(locked, 'Retry-After'))).toBeGreaterThan(5 * DAY_S - 600);
    expect(header(locked, 'X-Brusio-Decision')).toMatch(/silentAt=\S+Z, until=\S+Z/);
    await refused(await call('guaranteeing', silent.number), 'guaranteed-agent', 480, 0);
    expect(carrier.messages, 'at the carrier').toEqual([]);

    const promised = await call('guaranteeing', silent.number, ['X-Brusio-Agent: 1001;state=reserved']);
    expect((await promised.final()).status).toBe(486);
    // Another controller's number: its own lock.
    expect((await (await call('any', silent.number)).final()).status).toBe(486);

    // One silent call of one: the limits are passed, and that is told in both processes' lives or in the second's.
    const alerts = () => bed.webhooks.alerts.filter(({ alert }) => alert.campaign === 'locking');
    await expect.poll(() => alerts().map(({ alert }) => alert.threshold), { timeout: 10_000 }).toContain(null);
  });
});
