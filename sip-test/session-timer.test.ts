import { beforeAll, describe, expect, it } from 'vitest';
import { sdpVersion } from './conversation.ts';
import { byeToDialer } from './dialog-check.ts';
import { expectSame } from './pace.ts';
import { firstOf, header } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const AGENT_FIRST = ['X-Brusio-Agent: 1001;state=connected'];

/** A dialer that refreshes its own session is not asked. */
const SUPPORTS_TIMER = 'Supported: timer';

/** How often a peer without session timers is asked. */
const CHECK_S = 2;

describe('a session (RFC 4028)', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open({}, { sessionTimers: { checkS: CHECK_S } });
    return () => bed.close();
  });

  it('is offered to the carrier with an interval; a 422 is met with the longer one, under the same Call-ID', async () => {
    const call = await bed.call({ dialer: 'dialer-hangs-up', carrier: 'carrier-wants-longer-sessions' });
    const { carrier, outcome } = await call.ended();
    const [first, again] = carrier.received('INVITE');
    if (first === undefined || again === undefined) throw new Error('there is no second INVITE');
    expect([header(first, 'Session-Expires'), header(first, 'Min-SE')]).toEqual(['1800', '90']);
    expect([header(again, 'Session-Expires'), header(again, 'Min-SE')]).toEqual(['3600', '3600']);
    expect(Number.parseInt(header(again, 'CSeq') ?? '', 10)).toBe(Number.parseInt(header(first, 'CSeq') ?? '', 10) + 1);
    expect(outcome).toMatchObject({ network: 'answered', endedBy: 'dialer' });
  });

  it('that the dialer refreshes by re-INVITE is answered with its interval; less than ours is 422', async () => {
    const call = await bed.call({
      dialer: 'dialer-refreshes-its-session',
      carrier: 'carrier-answers',
      inviteHeaders: AGENT_FIRST,
    });
    const { dialer, carrier } = await call.ended();
    const [first, refreshed] = dialer.received(200, 'INVITE');
    if (first === undefined || refreshed === undefined) throw new Error('a 200 is missing');
    expect(header(first, 'Session-Expires')).toBe('600;refresher=uac');
    expect(header(refreshed, 'Session-Expires')).toBe('600;refresher=uac');
    expect(sdpVersion(refreshed), 'nothing changed').toBe(sdpVersion(first));
    expect(header(firstOf(dialer.received(422), '422'), 'Min-SE')).toBe('90');
    expect(carrier.received('INVITE')).toHaveLength(1);
  });

  it('with a carrier without timers is asked for by UPDATE; one that knows it no more has lost its callee', async () => {
    const call = await bed.call({
      dialer: 'dialer-has-agent-and-waits-for-bye',
      carrier: 'carrier-is-asked-and-gone',
      inviteHeaders: [SUPPORTS_TIMER],
    });
    const { dialer, carrier, outcome } = await call.ended();
    const [first, second] = carrier.received('UPDATE');
    if (first === undefined || second === undefined) throw new Error('an UPDATE is missing');
    expectSame(second.atMs - first.atMs, CHECK_S * 1_000, 'between the UPDATEs');
    expect(first.body.trim()).toBe('');
    expect(header(byeToDialer(dialer), 'Reason')).toMatch(/^Q\.850;cause=102/);
    expect(outcome).toMatchObject({ network: 'answered', class: 'B', endedBy: 'network', endCause: 'callee-lost' });
  });

  it('with a carrier that knows no UPDATE is asked for by a re-INVITE that changes nothing', async () => {
    const call = await bed.call({
      dialer: 'dialer-talks-long-and-hangs-up',
      carrier: 'carrier-is-asked-by-re-invite',
      inviteHeaders: [...AGENT_FIRST, SUPPORTS_TIMER],
    });
    const { carrier, outcome } = await call.ended();
    const [first, refresh] = carrier.received('INVITE');
    expect(refresh?.body).toContain('m=audio');
    expect(sdpVersion(refresh)).toBe(sdpVersion(first));
    expect(carrier.received('UPDATE')).toEqual([]);
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'dialer' });
  });

  it('survives every refusal but 408 and 481: the peer is there', async () => {
    const call = await bed.call({
      dialer: 'dialer-talks-long-and-hangs-up',
      carrier: 'carrier-refuses-to-be-asked',
      inviteHeaders: [...AGENT_FIRST, SUPPORTS_TIMER],
    });
    const { carrier, outcome } = await call.ended();
    expect(carrier.received('UPDATE')).toHaveLength(1);
    expect(carrier.received('INVITE').length).toBe(3);
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'dialer' });
  });

  it('that the dialer knows no more ends, and the carrier gets its BYE', async () => {
    const call = await bed.call({
      dialer: 'dialer-is-asked-and-gone',
      carrier: 'carrier-answers-and-says-timer',
      inviteHeaders: AGENT_FIRST,
    });
    const { carrier, outcome } = await call.ended();
    expect(header(firstOf(carrier.received('BYE'), 'BYE'), 'Reason')).toMatch(/^Q\.850;cause=102/);
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'network', endCause: 'dialer-lost' });
  });
});
