import { header, type SipRequest } from '../message/sip-message.ts';
import { type CorePair, corePair, type Station } from './core-pair.ts';
import { field, type RawPeer, rawPeer } from './raw-peer.ts';
import { heardBy } from './server-bench.ts';

type Parts = { headers?: [string, string][]; body?: string };

/** What the callee puts into a response. */
export type ResponseChanges = { toTag?: string; extra?: string[]; body?: string };

/** An application that calls a peer through an engine; the peer writes the responses. */
export type ClientBench = {
  readonly pair: CorePair;
  readonly station: Station;
  readonly peer: RawPeer;
  /** A request outside a dialog; returns its transaction id. Every message takes 1 ms. */
  send(method: string, parts?: Parts): string;
  sendWithin(method: string, parts?: Parts): ReturnType<Station['core']['client']['requestInDialog']>;
  ack(parts?: Parts): ReturnType<Station['core']['client']['ack']>;
  cancel(transactionId: string): ReturnType<Station['core']['client']['cancel']>;
  /** The peer's response to the last request that starts so. */
  answer(request: string, status: number, changes?: ResponseChanges): void;
  /** The peer's request in the dialog of that tag of its. */
  peerSends(method: string, cseq: number, changes?: ResponseChanges): void;
  heard(): string[];
  /** What the peer received: `INVITE`, `200 UPDATE`. */
  received(): string[];
  /** The id of the call in the control protocol. */
  dialogId(): string;
  /** A call that is up, acknowledged. */
  establish(parts?: Parts, changes?: ResponseChanges): void;
};

/** An engine at 10.0.0.1 and a callee at 10.0.0.9. */
export function clientBench(): ClientBench {
  const pair = corePair();
  const station = pair.a;
  const peer = rawPeer(pair, '10.0.0.9');
  const { client } = station.core;
  const settle = <T>(outcome: T): T => {
    pair.clock.advance(3);
    return outcome;
  };
  const message = (method: string, { headers = [], body = '' }: Parts): SipRequest => ({
    kind: 'request',
    method,
    uri: 'sip:peer@10.0.0.9',
    headers: headers.map(([name, value]) => header(name, value)),
    body,
  });
  const body = (text: string) => [
    ...(text === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${text.length}`,
  ];

  const bench: ClientBench = {
    pair,
    station,
    peer,
    send(method, parts = {}) {
      const outcome = settle(client.request(station.app, message(method, parts), ''));
      if (!outcome.ok) throw new Error(outcome.reason);
      return outcome.transactionId;
    },
    sendWithin: (method, parts = {}) =>
      settle(client.requestInDialog(station.app, bench.dialogId(), message(method, parts))),
    ack: (parts = {}) => settle(client.ack(bench.dialogId(), message('ACK', parts))),
    cancel: (transactionId) => settle(client.cancel(transactionId, message('CANCEL', {}))),
    answer(request, status, changes = {}) {
      const { toTag = 'callee', extra = ['Contact: <sip:callee@10.0.0.9>'], body: text = '' } = changes;
      const wire = peer.last(request);
      peer.send(
        station.place,
        [
          `SIP/2.0 ${status} Whatever`,
          `Via: ${field(wire, 'Via')}`,
          `From: ${field(wire, 'From')}`,
          `To: ${field(wire, 'To').replace(/;tag=.*/, '')};tag=${toTag}`,
          `Call-ID: ${field(wire, 'Call-ID')}`,
          `CSeq: ${field(wire, 'CSeq')}`,
          ...extra,
          ...body(text),
        ],
        text,
      );
      settle(null);
    },
    peerSends(method, cseq, changes = {}) {
      const { toTag = 'callee', extra = ['Contact: <sip:callee@10.0.0.9>'], body: text = '' } = changes;
      const wire = peer.last('INVITE');
      peer.send(
        station.place,
        [
          `${method} sip:us@10.0.0.1 SIP/2.0`,
          `Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${method}${cseq}${toTag}`,
          `From: ${field(wire, 'To').replace(/;tag=.*/, '')};tag=${toTag}`,
          `To: ${field(wire, 'From')}`,
          `Call-ID: ${field(wire, 'Call-ID')}`,
          `CSeq: ${cseq} ${method}`,
          ...extra,
          ...body(text),
        ],
        text,
      );
      settle(null);
    },
    heard: () => heardBy(station),
    received: () => peer.timeline().map((line) => line.split(' ').slice(1).join(' ')),
    dialogId() {
      const wire = peer.last('INVITE');
      return `${field(wire, 'Call-ID')};from-tag=${/tag=(.*)$/.exec(field(wire, 'From'))?.[1]}`;
    },
    establish(parts = {}, changes = {}) {
      bench.send('INVITE', parts);
      bench.answer('INVITE', 200, changes);
      bench.ack();
    },
  };
  return bench;
}
