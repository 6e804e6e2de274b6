import { readdirSync } from 'node:fs';
import { addMs } from '../../base/clock.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import { corePair } from './core-pair.ts';
import { tortureMessage } from './torture-message.ts';

/** Every fixture of RFC 4475 and RFC 5118, by name. */
export function tortureNames(): string[] {
  return ['rfc4475', 'rfc5118'].flatMap((folder) =>
    readdirSync(new URL(`../message/fixtures/${folder}`, import.meta.url)).map(
      (file) => `${folder}/${file.replace(/\.txt$/, '')}`,
    ),
  );
}

/** What fuzzing starts from: the RFCs' messages, and a whole call as it went over the wire. */
export function fuzzCorpus(): Buffer[] {
  return [...tortureNames().map(tortureMessage), ...wholeCall()];
}

const SDP = 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\n';

/** INVITE, 180, 200, ACK, re-INVITE, INFO, OPTIONS, BYE and a cancelled INVITE, as two cores exchanged them. */
function wholeCall(): Buffer[] {
  const { a, b, clock, network } = corePair();
  const request = (method: string, body = ''): SipRequest => ({
    kind: 'request',
    method,
    uri: 'sip:bob@10.0.0.2:5060;transport=udp',
    headers: [],
    body,
  });
  const response = (status: number, body = ''): SipResponse => ({
    kind: 'response',
    status,
    reason: '',
    headers: [],
    body,
  });
  b.on = (heard) => {
    if (heard.kind !== 'request' || heard.message.method === 'ACK' || heard.message.method === 'CANCEL') return;
    const isInvite = heard.message.method === 'INVITE';
    if (isInvite) b.core.server.respond(heard.transactionId, response(180));
    const answerAtMs = addMs(clock.monotonicMs(), isInvite ? 100 : 0);
    clock.setTimer(
      answerAtMs,
      () => void b.core.server.respond(heard.transactionId, response(200, isInvite ? SDP : '')),
    );
  };
  a.on = (heard) => {
    if (heard.kind === 'response' && heard.message.status === 200) a.core.client.ack(heard.dialogId, request('ACK'));
  };
  const invite = a.core.client.request(a.app, request('INVITE', SDP), '');
  clock.advance(1_000);
  const dialogId = invite.ok ? invite.dialogId : '';
  for (const method of ['INVITE', 'INFO', 'OPTIONS', 'BYE']) {
    a.core.client.requestInDialog(a.app, dialogId, request(method, method === 'INVITE' ? SDP : ''));
    clock.advance(1_000);
  }
  const cancelled = a.core.client.request(a.app, request('INVITE', SDP), '');
  clock.advance(50);
  if (cancelled.ok) a.core.client.cancel(cancelled.transactionId, request('CANCEL'));
  clock.advance(5_000);
  return network.sent.map(({ octets }) => octets);
}
