import { describe, expect, it } from 'vitest';
import type { Side } from './call-sessions.ts';
import { createRequestRelay } from './relayed-request.ts';
import { fakeDialogs } from './testing/fake-dialogs.ts';
import { fakeSrf, receivedRequest } from './testing/fake-srf.ts';

const NAMES = {
  campaign: 'X-Campaign',
  agent: 'X-Agent',
  disposition: 'X-Disposition',
  reference: 'X-Reference',
  callType: 'X-Type',
  consent: 'X-Consent',
};
const DTMF = 'Signal=5\r\nDuration=160\r\n';

function newRelay(transfersPass = false) {
  const srf = fakeSrf();
  const lost: Side[] = [];
  const dialogs = fakeDialogs(srf);
  const state = { coupled: true };
  const relay = createRequestRelay({
    headerNames: NAMES,
    transfersPass,
    dialog: (side) => dialogs[side],
    coupled: () => state.coupled,
    lost: (side) => void lost.push(side),
  });
  const asks = (from: Side, method: string, headers: Record<string, string> = {}, body = '') => {
    const received = receivedRequest(method, { headers: { cseq: `7 ${method}`, ...headers }, body });
    relay.relay(from, received.request, received.reply);
    return received;
  };
  return { srf, lost, dialogs, state, asks };
}

describe('INFO', () => {
  it.each([
    ['dialer', 'carrier', 'application/dtmf-relay', DTMF],
    ['carrier', 'dialer', 'application/dtmf', '5'],
    ['dialer', 'carrier', 'application/vnd.anything+json', '{}'],
  ] as const)('of the %s passes to the %s with its body (%s), and the response comes back', (from, to, type, body) => {
    const { srf, asks } = newRelay();
    const info = asks(
      from,
      'INFO',
      { 'content-type': type, 'x-agent': '1001', 'x-private': 'p', 'info-package': 'x' },
      body,
    );
    const [sent] = srf.sent;
    expect(sent?.options).toMatchObject({ method: 'INFO', stackDialogId: to, body });
    expect(sent?.options.headers).toEqual({ 'content-type': type, 'info-package': 'x' });
    expect(info.answers).toEqual([]);
    sent?.respond(415, { headers: { warning: '399 x "no"', via: 'x' } });
    expect(info.answers).toEqual([{ status: 415, headers: { warning: '399 x "no"' }, body: '' }]);
  });

  it('of the dialer before an agent is there does not reach the callee, whose own reaches the dialer', () => {
    const { srf, state, asks } = newRelay();
    state.coupled = false;
    expect(asks('dialer', 'INFO', {}, DTMF).answers).toMatchObject([{ status: 480 }]);
    asks('carrier', 'INFO', {}, DTMF);
    expect(srf.sent.map(({ options }) => options.stackDialogId)).toEqual(['dialer']);
  });

  it('finds a leg that has no dialog yet unavailable', () => {
    const { dialogs, asks } = newRelay();
    dialogs.dialer = null;
    expect(asks('carrier', 'INFO').answers).toMatchObject([{ status: 480 }]);
  });

  it.each([408, 481])('that gets %i is 503 for the asker, whose own dialog lives; the other leg is lost', (status) => {
    const { srf, lost, asks } = newRelay();
    const info = asks('dialer', 'INFO');
    srf.sent[0]?.respond(status);
    expect(info.answers).toMatchObject([{ status: 503 }]);
    expect(lost).toEqual(['carrier']);
  });
});

describe('REFER', () => {
  const transfer = { 'refer-to': '<sip:1002@pbx.example>', 'referred-by': '<sip:1001@pbx.example>' };

  it('is declined unless the setting passes it, and then where it cannot mean anything to the other peer', () => {
    expect(newRelay(false).asks('dialer', 'REFER', transfer).answers).toMatchObject([{ status: 603 }]);
    const attended = { 'refer-to': '<sip:1002@pbx.example?Replaces=a%3Bto-tag%3Db>' };
    expect(newRelay(true).asks('dialer', 'REFER', attended).answers).toMatchObject([{ status: 603 }]);
    const waiting = newRelay(true);
    waiting.state.coupled = false;
    expect(waiting.asks('dialer', 'REFER', transfer).answers).toMatchObject([{ status: 603 }]);
  });

  it('passes with what it refers to, and its NOTIFYs come back under the asker’s own CSeq (RFC 3515 §2.4.6)', () => {
    const { srf, asks } = newRelay(true);
    const refer = asks('dialer', 'REFER', transfer);
    expect(srf.sent[0]?.options).toMatchObject({ method: 'REFER', stackDialogId: 'carrier', headers: transfer });
    srf.sent[0]?.respond(202);
    expect(refer.answers).toMatchObject([{ status: 202 }]);

    const said = { event: 'refer;id=93', 'subscription-state': 'active;expires=60', 'content-type': 'message/sipfrag' };
    const notify = asks('carrier', 'NOTIFY', said, 'SIP/2.0 100 Trying');
    expect(srf.sent[1]?.options).toMatchObject({
      method: 'NOTIFY',
      stackDialogId: 'dialer',
      headers: { Event: 'refer;id=7', 'subscription-state': 'active;expires=60' },
      body: 'SIP/2.0 100 Trying',
    });
    srf.sent[1]?.respond(200);
    expect(notify.answers).toMatchObject([{ status: 200 }]);
    asks('carrier', 'NOTIFY', { event: 'refer', 'subscription-state': 'terminated;reason=noresource' });
    expect(asks('carrier', 'NOTIFY', { event: 'refer' }).answers).toMatchObject([{ status: 481 }]);
  });

  it('that was refused has no NOTIFY, and nobody else has one (RFC 6665 §4.1.3)', () => {
    const { srf, asks } = newRelay(true);
    asks('dialer', 'REFER', transfer);
    srf.sent[0]?.respond(603);
    expect(asks('carrier', 'NOTIFY', { event: 'refer' }).answers).toMatchObject([{ status: 481 }]);
    expect(asks('dialer', 'NOTIFY', { event: 'presence' }).answers).toMatchObject([{ status: 481 }]);
  });
});
