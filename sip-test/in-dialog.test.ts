import { beforeAll, describe, expect, it } from 'vitest';
import { ENGINE } from './engine-under-test.ts';
import { firstOf, header, headers } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const AGENT_FIRST = ['X-Brusio-Agent: 1001;state=connected'];
const DTMF = { info_type: 'application/dtmf-relay', info_body: 'Signal=5\r\nDuration=160' };

/** What either engine makes of a Reason with two values: a real drachtio-server writes it anew. */
const CARRIED_REASON = { embedded: 'as it came', 'drachtio-server': 'its first value, without blanks' } as const;

describe('a request in a call', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open({}, { transfer: 'pass' });
    return () => bed.close();
  });

  it('INFO with DTMF passes from the dialer to the callee, and its response back', async () => {
    const call = await bed.call({
      dialer: 'dialer-sends-info',
      carrier: 'carrier-takes-info',
      inviteHeaders: AGENT_FIRST,
      dialerKeys: DTMF,
    });
    const { carrier } = await call.ended();
    const info = firstOf(carrier.received('INFO'), 'INFO');
    expect(header(info, 'Content-Type')).toBe('application/dtmf-relay');
    expect(info.body.trim()).toBe('Signal=5\r\nDuration=160');
  });

  it('INFO with DTMF passes from the callee to the dialer', async () => {
    const call = await bed.call({
      dialer: 'dialer-takes-info',
      carrier: 'carrier-sends-dtmf-by-info',
      inviteHeaders: AGENT_FIRST,
    });
    const { dialer } = await call.ended();
    const info = firstOf(dialer.received('INFO'), 'INFO');
    expect([header(info, 'Content-Type'), info.body.trim()]).toEqual(['application/dtmf', '5']);
  });

  it('INFO with a body that the callee does not know comes back with its 415', async () => {
    const call = await bed.call({
      dialer: 'dialer-sends-unwanted-info',
      carrier: 'carrier-refuses-info',
      inviteHeaders: AGENT_FIRST,
    });
    const { carrier, outcome } = await call.ended();
    expect(header(firstOf(carrier.received('INFO'), 'INFO'), 'Content-Type')).toBe('application/vnd.example+json');
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'dialer' });
  });

  it('INFO of the dialer while the callee waits does not reach it', async () => {
    const call = await bed.call({ dialer: 'dialer-sends-info-too-early', carrier: 'carrier-answers' });
    const { carrier, outcome } = await call.ended();
    expect(carrier.received('INFO')).toEqual([]);
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
  });

  it('REFER passes where the setting lets it, and its NOTIFY comes back (RFC 3515)', async () => {
    const call = await bed.call({
      dialer: 'dialer-transfers',
      carrier: 'carrier-takes-transfer',
      inviteHeaders: AGENT_FIRST,
    });
    const { dialer, carrier } = await call.ended();
    const refer = firstOf(carrier.received('REFER'), 'REFER');
    const asked = firstOf(dialer.sent('REFER'), 'REFER sent');
    expect(header(refer, 'Refer-To')).toBe(header(asked, 'Refer-To'));
    expect(header(refer, 'Referred-By')).toBe(header(asked, 'Referred-By'));
    const notify = firstOf(dialer.received('NOTIFY'), 'NOTIFY');
    expect(header(notify, 'Event')).toBe('refer');
    expect(header(notify, 'Subscription-State')).toMatch(/^terminated/);
    expect(notify.body).toContain('SIP/2.0 200 OK');
  });
});

describe('a request in a call of a Brusio as it comes', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('OPTIONS is answered, REFER declined, and MESSAGE, SUBSCRIBE and PUBLISH are not allowed', async () => {
    const call = await bed.call({
      dialer: 'dialer-asks-odd-things',
      carrier: 'carrier-answers',
      inviteHeaders: AGENT_FIRST,
    });
    const { dialer, carrier, outcome } = await call.ended();
    const options = firstOf(dialer.received(200, 'OPTIONS'), '200 to OPTIONS');
    expect(header(options, 'Allow')).toMatch(/INVITE.*UPDATE/);
    expect(header(options, 'Accept')).toContain('application/sdp');
    expect(header(options, 'Supported')).toBe('100rel, timer, replaces');
    for (const refused of dialer.received(405)) expect(headers(refused, 'Allow')).toHaveLength(1);
    expect(dialer.received(405)).toHaveLength(3);
    const seen = carrier.messages.flatMap((one) => (one.direction === 'received' ? [one.method] : []));
    expect([...new Set(seen)], 'the carrier saw none of them').toEqual(['INVITE', 'ACK', 'BYE']);
    expect(outcome).toMatchObject({ class: 'B', endedBy: 'dialer' });
  });

  it(`BYE of the dialer has its Reason carried over to the carrier (RFC 3326), ${CARRIED_REASON[ENGINE]} (${ENGINE})`, async () => {
    const first = 'Q.850;cause=31;text="Normal, unspecified"';
    const reason = `${first}, SIP;cause=200;text="done"`;
    const call = await bed.call({
      dialer: 'dialer-hangs-up',
      carrier: 'carrier-answers',
      byeHeaders: [`Reason: ${reason}`],
    });
    const { carrier, outcome } = await call.ended();
    const withoutBlanks = (value: string | null) => value?.replace(/\s+/g, '');
    expect(withoutBlanks(header(firstOf(carrier.received('BYE'), 'BYE'), 'Reason'))).toBe(
      withoutBlanks(ENGINE === 'embedded' ? reason : first),
    );
    expect(outcome).toMatchObject({ sip: { q850: 31 } });
  });
});
