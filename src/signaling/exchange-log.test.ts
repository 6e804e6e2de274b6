import { describe, expect, it } from 'vitest';
import { EXCHANGE_FIRST_MAX, EXCHANGE_LAST_MAX, outcomeRecordSchema } from '../policy/outcome-record.ts';
import { createExchangeLog } from './exchange-log.ts';
import { fakeSrf, receivedRequest } from './testing/fake-srf.ts';

const exchangeSchema = outcomeRecordSchema.shape.sip.shape.exchange;

function logAt() {
  const now = { ms: 0 };
  return { now, log: createExchangeLog(() => now.ms) };
}

describe('the messages of a call', () => {
  it('are kept as start lines with their time, both ways, with the cause of a Reason and none of its words', () => {
    const { now, log } = logAt();
    const srf = fakeSrf();
    const invite = receivedRequest('INVITE', {});
    log.invited(invite.request, invite.reply, 'dialer');
    now.ms = 4.26;
    const headers = { To: '<sip:+393331234567@192.0.2.9>' };
    log.leg(srf, 'carrier/1').request('sip:+393331234567@192.0.2.9', { method: 'INVITE', headers }, (_, sent) => {
      sent?.on('response', (response, acknowledge) => {
        if (response.status === 200) acknowledge();
      });
    });
    now.ms = 900;
    srf.sent[0]?.respond(180);
    now.ms = 8_200;
    srf.sent[0]?.respond(200);
    invite.reply.send(200, undefined, {});
    now.ms = 9_000;
    const reason = 'Q.850;cause=16;text="call +393331234567, cause=99"';
    const asked = receivedRequest('BYE', { headers: { Reason: reason } });
    let handled = '';
    log.leg(srf, 'dialer').addDialog({
      ...{ id: 'd1', dialogType: 'INVITE' as const },
      handle(request, response) {
        handled = request.method;
        response.send(200, undefined, {});
      },
    });
    srf.dialogs.get('d1')?.handle(asked.request, asked.reply);
    log.bye(() => undefined, 'carrier/1')({} as never, {} as never, { Reason: 'SIP;text="gone" ; cause=480' });

    const told = log.told();
    expect(told.messages).toEqual([
      ...['0 dialer < INVITE', '4.3 carrier/1 > INVITE', '900 carrier/1 < 180', '8200 carrier/1 < 200'],
      ...['8200 carrier/1 > ACK', '8200 dialer > 200', '9000 dialer < BYE Q.850;cause=16', '9000 dialer > 200'],
      '9000 carrier/1 > BYE SIP;cause=480',
    ]);
    expect(exchangeSchema.parse(told)).toEqual(told);
    expect([handled, asked.answers.map(({ status }) => status)]).toEqual(['BYE', [200]]);
  });

  it('are the first and the last of many, and how many were between', () => {
    const { now, log } = logAt();
    const srf = fakeSrf();
    const door = log.leg(srf, 'dialer');
    for (now.ms = 1; now.ms <= 100; now.ms++) door.request('sip:a', { method: 'INFO', headers: {} }, () => undefined);
    const { messages, leftOut } = log.told();
    expect(leftOut).toBe(100 - EXCHANGE_FIRST_MAX - EXCHANGE_LAST_MAX);
    expect([messages[0], messages[EXCHANGE_FIRST_MAX - 1]]).toEqual(['1 dialer > INFO', '24 dialer > INFO']);
    expect(messages.slice(EXCHANGE_FIRST_MAX)).toEqual(
      Array.from({ length: EXCHANGE_LAST_MAX }, (_, index) => `${85 + index} dialer > INFO`),
    );
  });

  it('have no word that a peer made up', () => {
    const { log } = logAt();
    const strange = receivedRequest('+39333-CALL', {});
    log.invited(strange.request, strange.reply, 'dialer');
    expect(log.told().messages).toEqual(['0 dialer < OTHER']);
  });
});
