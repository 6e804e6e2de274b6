import { header, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { type CorePair, corePair, type Heard, type Station } from './core-pair.ts';
import { field, type RawPeer, rawPeer } from './raw-peer.ts';

/** What the peer changes in its usual request. */
export type RequestChanges = {
  branch?: string;
  cseq?: number;
  toTag?: string;
  fromTag?: string;
  contact?: string;
  extra?: string[];
  body?: string;
};

/** A peer that calls an engine: it writes requests, the engine's application answers. */
export type ServerBench = {
  readonly pair: CorePair;
  readonly station: Station;
  readonly peer: RawPeer;
  /** The peer's request in Call-ID `call-1`; every message takes 1 ms. */
  send(method: string, changes?: RequestChanges): void;
  /** The application's response. */
  respond(
    transactionId: string,
    status: number,
    parts?: { headers?: [string, string][]; body?: string },
  ): ReturnType<Station['core']['server']['respond']>;
  /** The application's request in the dialog. */
  appSends(
    method: string,
    parts?: { headers?: [string, string][]; body?: string },
  ): ReturnType<Station['core']['client']['requestInDialog']>;
  /** What the application heard: methods, statuses, `unsolicited`. */
  heard(): string[];
  lastHeard(): Heard | undefined;
  /** The transaction id of the last request heard. */
  lastTransaction(): string;
  /** What the peer received: `180 INVITE`, `BYE`. */
  received(): string[];
  /** Our To tag. */
  ourTag(): string;
  /** A call that is up; returns our tag. */
  establish(changes?: RequestChanges): string;
};

/** The control protocol's id of the bench's call. */
export const DIALOG_ID = 'call-1;from-tag=peer';

/** An engine at 10.0.0.2 and its caller at 10.0.0.9. */
export function serverBench(): ServerBench {
  const pair = corePair();
  const station = pair.b;
  const peer = rawPeer(pair, '10.0.0.9');

  const bench: ServerBench = {
    pair,
    station,
    peer,
    send(method, changes = {}) {
      const { cseq = 1, toTag, fromTag = 'peer', contact = '<sip:peer@10.0.0.9>', extra = [], body = '' } = changes;
      peer.send(
        station.place,
        [
          `${method} sip:us@10.0.0.2 SIP/2.0`,
          `Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK${changes.branch ?? method + cseq}`,
          `From: "Peer" <sip:peer@10.0.0.9>;tag=${fromTag}`,
          `To: <sip:us@10.0.0.2>${toTag === undefined ? '' : `;tag=${toTag}`}`,
          'Call-ID: call-1',
          `CSeq: ${cseq} ${method}`,
          ...(contact === '' ? [] : [`Contact: ${contact}`]),
          ...extra,
          ...(body === '' ? [] : ['Content-Type: application/sdp']),
          `Content-Length: ${body.length}`,
        ],
        body,
      );
      pair.clock.advance(3);
    },
    respond(transactionId, status, { headers = [], body = '' } = {}) {
      const response: SipResponse = {
        kind: 'response',
        status,
        reason: '',
        headers: headers.map(([name, value]) => header(name, value)),
        body,
      };
      const outcome = station.core.server.respond(transactionId, response);
      pair.clock.advance(3);
      return outcome;
    },
    appSends(method, { headers = [], body = '' } = {}) {
      const message: SipRequest = {
        kind: 'request',
        method,
        uri: 'sip:placeholder',
        headers: headers.map(([name, value]) => header(name, value)),
        body,
      };
      const outcome = station.core.client.requestInDialog(station.app, DIALOG_ID, message);
      pair.clock.advance(3);
      return outcome;
    },
    heard: () => heardBy(station),
    lastHeard: () => station.heard.at(-1),
    lastTransaction() {
      const item = station.heard.findLast((candidate) => candidate.kind === 'request');
      return item?.kind === 'request' ? item.transactionId : '';
    },
    received: () => peer.timeline().map((line) => line.split(' ').slice(1).join(' ')),
    ourTag() {
      const response = peer.received.findLast(({ text }) => /^SIP\/2\.0 (1[1-9]|2)/.test(text));
      return /tag=(.*)$/.exec(field(response?.text ?? '', 'To'))?.[1] ?? '';
    },
    establish(changes = {}) {
      bench.send('INVITE', changes);
      bench.respond(bench.lastTransaction(), 200);
      const toTag = bench.ourTag();
      bench.send('ACK', { ...changes, branch: 'ACK1', toTag, body: '' });
      return toTag;
    },
  };
  return bench;
}

/** What an application heard, in words. */
export function heardBy(station: Station): string[] {
  return station.heard.map((item) => {
    if (item.kind === 'unsolicited') return 'unsolicited';
    return item.kind === 'request' ? item.message.method : String(item.message.status);
  });
}
