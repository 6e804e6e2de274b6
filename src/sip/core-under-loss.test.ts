import { describe, expect, it } from 'vitest';
import { addMs } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { parseOctetText } from './message/parse-message.ts';
import { headerValue, type SipRequest, type SipResponse } from './message/sip-message.ts';
import { type CorePair, corePair, type Heard, type Station } from './testing/core-pair.ts';

const SEEDS = 400;

/** Long enough for every timer of every transaction and watchdog: 64 s + 32 s + 32 s, twice. */
const SETTLE_MS = 300_000;

function request(method: string, body = '', uri = 'sip:bob@10.0.0.2:5060'): SipRequest {
  return { kind: 'request', method, uri, headers: [], body };
}

function response(status: number, body = ''): SipResponse {
  return { kind: 'response', status, reason: '', headers: [], body };
}

/** Plays one random call between the two applications and lets everything settle. */
function playCall(pair: CorePair, seed: number): { sentByApp: Map<Station, Set<string>> } {
  const { clock, a, b } = pair;
  const random = seededRandom(seed * 7919 + 1);
  const later = (ms: number, act: () => void) => clock.setTimer(addMs(clock.monotonicMs(), ms), act);
  const sentByApp = new Map<Station, Set<string>>([
    [a, new Set()],
    [b, new Set()],
  ]);
  const send = (station: Station, dialogId: string, message: SipRequest) => {
    const outcome =
      dialogId === ''
        ? station.core.client.request(station.app, message, '')
        : station.core.client.requestInDialog(station.app, dialogId, message);
    if (!outcome.ok) return null;
    sentByApp.get(station)?.add(outcome.transactionId);
    return outcome;
  };
  const hangUp = (station: Station, dialogId: string) => send(station, dialogId, request('BYE'));
  const fate = random();

  b.on = (heard) => {
    if (heard.kind !== 'request') return;
    const { transactionId, message, dialogId } = heard;
    if (message.method === 'INVITE' && dialogId === '') {
      if (random() < 0.7) later(random() * 500, () => b.core.server.respond(transactionId, response(180)));
      const status = fate < 0.7 ? 200 : 486;
      if (fate < 0.95)
        later(random() * 3_000, () => b.core.server.respond(transactionId, response(status, 'v=0\r\nb')));
    } else if (message.method === 'INVITE') {
      later(random() * 200, () =>
        b.core.server.respond(transactionId, response(random() < 0.7 ? 200 : 488, 'v=0\r\nb2')),
      );
    } else if (message.method !== 'ACK' && message.method !== 'CANCEL') {
      b.core.server.respond(transactionId, response(200));
    }
    if (message.method === 'ACK' && random() < 0.3) later(random() * 4_000, () => hangUp(b, dialogId));
  };
  a.on = (heard) => {
    if (heard.kind === 'request' && heard.message.method !== 'ACK')
      a.core.server.respond(heard.transactionId, response(200));
    if (heard.kind !== 'response') return;
    const { message, dialogId } = heard;
    const isInvite = headerValue(message, 'cseq')?.endsWith('INVITE') ?? false;
    if (!isInvite || message.status < 200 || message.status > 299) return;
    later(random() * 20, () => {
      a.core.client.ack(dialogId, request('ACK'));
      if (random() < 0.3) later(random() * 1_000, () => send(a, dialogId, request('INVITE', 'v=0\r\na2')));
      if (random() < 0.3) later(random() * 1_000, () => send(a, dialogId, request('INFO')));
      later(2_000 + random() * 4_000, () => hangUp(a, dialogId));
    });
  };

  const invite = send(a, '', request('INVITE', 'v=0\r\na'));
  if (invite === null) throw new Error('the INVITE was refused');
  if (random() < 0.4) later(random() * 4_000, () => a.core.client.cancel(invite.transactionId, request('CANCEL')));
  clock.advance(150_000);
  // Whoever still believes in a call after a BYE that the network ate ends it now, in fair weather.
  pair.network.clear();
  for (const station of [a, b]) for (const dialog of station.core.dialogs.all()) hangUp(station, dialog.id);
  clock.advance(SETTLE_MS);
  return { sentByApp };
}

function finalsOf(station: Station): Map<string, number> {
  const finals = new Map<string, number>();
  for (const heard of station.heard) {
    if (heard.kind !== 'response' || heard.message.status < 200) continue;
    finals.set(heard.transactionId, (finals.get(heard.transactionId) ?? 0) + 1);
  }
  return finals;
}

function whatWasHeard(heard: Heard): string {
  if (heard.kind === 'unsolicited') return heard.kind;
  return heard.kind === 'request' ? heard.message.method : String(heard.message.status);
}

/** How often an application heard each request, told by method and CSeq. */
function timesHeard(station: Station): number[] {
  const times = new Map<string, number>();
  for (const heard of station.heard) {
    if (heard.kind !== 'request') continue;
    const key = `${headerValue(heard.message, 'call-id')} ${headerValue(heard.message, 'cseq')} from ${headerValue(heard.message, 'from')}`;
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  return [...times.values()];
}

/** Every 2xx of an INVITE on the wire was acknowledged, or its sender ended the dialog. */
function unfinishedAnswers(pair: CorePair): string[] {
  const answers = new Set<string>();
  const settled = new Set<string>();
  for (const datagram of pair.network.sent) {
    const parsed = parseOctetText(datagram.octets.toString('latin1'), 'content-length');
    if (!parsed.ok) throw new Error(parsed.problem.sentence);
    const message = parsed.value;
    const callId = headerValue(message, 'call-id') ?? '';
    const [number, method] = (headerValue(message, 'cseq') ?? '').split(' ');
    if (message.kind === 'response' && message.status >= 200 && message.status < 300 && method === 'INVITE') {
      answers.add(`${callId} ${number}`);
    }
    if (method === 'ACK') settled.add(`${callId} ${number}`);
    if (message.kind === 'request' && method === 'BYE')
      for (const key of answers) if (key.startsWith(callId)) settled.add(key);
  }
  return [...answers].filter((key) => !settled.has(key));
}

describe('RFC 3261 §17 and §12 under loss, duplication and reordering', () => {
  it.each([
    ['a fair network', { lossShare: 0, duplicateShare: 0, delayMsMin: 1, delayMsMax: 5 }],
    ['a network that reorders and doubles', { lossShare: 0.05, duplicateShare: 0.3, delayMsMin: 1, delayMsMax: 700 }],
    ['a network that loses a third', { lossShare: 0.33, duplicateShare: 0.05, delayMsMin: 1, delayMsMax: 100 }],
  ])(
    'ends every transaction and dialog, and tells the application each thing once, on %s',
    (_name, weather) => {
      const seen = new Set<string>();
      for (let seed = 1; seed <= SEEDS; seed++) {
        const pair = corePair(seed, weather);
        const { sentByApp } = playCall(pair, seed);
        for (const station of [pair.a, pair.b]) {
          const finals = finalsOf(station);
          for (const heard of station.heard) seen.add(whatWasHeard(heard));
          expect({ seed, place: station.place, contained: station.contained }).toMatchObject({ contained: [] });
          expect({
            seed,
            place: station.place,
            transactions: station.core.layer.size(),
            dialogs: station.core.dialogs.size(),
            serverCalls: station.core.dialogs.serverCalls.size,
            clientCalls: station.core.dialogs.clientCalls.size,
            pendingInvites: station.core.dialogs.pendingInvites.size,
            timers: station.pendingTimers(),
            heardTwice: timesHeard(station).filter((times) => times > 1).length,
            withoutFinal: [...(sentByApp.get(station) ?? [])].filter((id) => finals.get(id) !== 1).length,
            malformed: station.counters.malformed,
          }).toEqual({
            seed,
            place: station.place,
            transactions: 0,
            dialogs: 0,
            serverCalls: 0,
            clientCalls: 0,
            pendingInvites: 0,
            timers: 0,
            heardTwice: 0,
            withoutFinal: 0,
            malformed: 0,
          });
        }
        expect({ seed, unfinished: unfinishedAnswers(pair) }).toEqual({ seed, unfinished: [] });
      }
      // The seeds must have led through every kind of call, or the above says nothing.
      expect([...seen]).toEqual(
        expect.arrayContaining(['INVITE', 'ACK', 'BYE', 'CANCEL', 'INFO', '180', '200', '486', '487', '488']),
      );
    },
    120_000,
  );
});
