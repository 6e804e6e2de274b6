import { addMs } from '../../base/clock.ts';
import { type Random, seededRandom } from '../../base/random.ts';
import { HEADERS_MAX } from '../message/message-limits.ts';
import { parseMessage } from '../message/parse-message.ts';
import { serializeMessage, toOctets } from '../message/serialize-message.ts';
import { headerValue, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { type CorePair, corePair, type Heard, type Station } from './core-pair.ts';
import { leftOver } from './left-over.ts';
import { generateMessage } from './message-grammar.ts';
import { mutate } from './mutation.ts';

/** What a run found; `problems` are sentences with the input that showed them. */
export type FuzzReport = {
  readonly inputs: number;
  readonly problems: readonly string[];
  /** Inputs that behaved in a way no earlier one had, and were kept to be mutated further. */
  readonly kept: number;
  /** Inputs that the parser took, and that reached an application. */
  readonly accepted: number;
  readonly heard: number;
  /** Octets of heap in use after each epoch, when nothing is alive. */
  readonly heapOctets: readonly number[];
};

/** How a run is made. */
export type FuzzOptions = {
  readonly inputs: number;
  readonly seed: number;
  readonly corpus: readonly Buffer[];
  /** Inputs after which everything is let end and counted. */
  readonly epochInputs: number;
  /** Octets of heap after a collection; 0 where nobody can ask for one. */
  readonly usedHeapOctets: () => number;
  readonly onEpoch?: (inputs: number, heapOctets: number) => void;
};

/** Problems after which a run ends: more say nothing new. */
const PROBLEMS_MAX = 5;

/** Inputs kept beside the corpus; a new one then takes the place of an old one. */
const KEPT_MAX = 2_000;

/** Datagrams of the wire that may be damaged and played again: they fit the transactions and dialogs that live. */
const LIVE_MAX = 256;

const SDP = 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n';

/**
 * Two whole cores call each other through applications that do anything at any time, while damaged copies of what they
 * send, damaged messages of the corpus and generated ones come in between. Everything follows from the seed.
 *
 * Guided by novelty instead of code coverage: an input that gives a new combination of verdict, counters and what the
 * application hears is kept and damaged further. That costs nothing, where V8's precise coverage slows the run tenfold.
 */
export function fuzzCores(options: FuzzOptions): FuzzReport {
  const random = seededRandom(options.seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pair = corePair(options.seed);
  const stations = [pair.a, pair.b];
  const kept: Buffer[] = [];
  const seen = new Set<string>();
  const problems: string[] = [];
  const heapOctets: number[] = [];
  const live: Buffer[] = [];
  let accepted = 0;
  let heard = 0;

  for (const station of stations) station.on = (item) => act(pair, station, item, random);

  const seedInput = (): Buffer => {
    const share = random();
    if (share < 0.35 && live.length > 0) return live[below(live.length)] as Buffer;
    if (share < 0.55 && kept.length > 0) return kept[below(kept.length)] as Buffer;
    if (share < 0.75) return Buffer.from(generateMessage(random), 'latin1');
    return options.corpus[below(options.corpus.length)] as Buffer;
  };

  const problem = (sentence: string, octets: Buffer) => {
    problems.push(`${sentence} · input ${JSON.stringify(octets.toString('latin1').slice(0, 3_000))}`);
  };

  const one = () => {
    const seed = seedInput();
    const octets = random() < 0.06 ? seed : mutate(seed, seedInput(), random);
    const target = random() < 0.5 ? pair.a : pair.b;
    const other = target === pair.a ? pair.b : pair.a;
    const before = signature(target);
    const heardBefore = target.heard.length;
    pair.network.send(random() < 0.7 ? other.place : '10.0.0.9:5060', target.place, octets);
    pair.clock.advance(2);
    const verdict = checkParser(octets, problem);
    if (verdict === 'accepted') accepted++;
    for (const station of stations) {
      if (station.contained.length > 0) problem(`contained: ${describe(station.contained)}`, octets);
      station.contained.length = 0;
    }
    const heardNow = target.heard
      .slice(heardBefore)
      .map((item) => (item.kind === 'unsolicited' ? 'u' : item.message.kind));
    heard += heardNow.length;
    const behaviour = `${verdict} ${difference(before, signature(target))} ${heardNow.join()}`;
    if (!seen.has(behaviour)) {
      seen.add(behaviour);
      if (kept.length < KEPT_MAX) kept.push(octets);
      else kept[below(KEPT_MAX)] = octets;
    }
  };

  for (let done = 1; done <= options.inputs && problems.length < PROBLEMS_MAX; done++) {
    if (done % 25 === 0) startCall(pair, random);
    one();
    if (random() < 0.05) pair.clock.advance(below(2_000));
    if (pair.network.sent.length > LIVE_MAX) {
      live.splice(0, Math.max(0, live.length - LIVE_MAX / 2));
      for (const { octets } of pair.network.sent.slice(-LIVE_MAX / 2)) live.push(octets);
      pair.network.forget();
    }
    if (done % options.epochInputs === 0 || done === options.inputs) {
      settle(pair);
      for (const station of stations) {
        const left = leftOver(station);
        if (Object.values(left).some((count) => count !== 0)) {
          problems.push(`after ${done} inputs ${station.place} still holds ${JSON.stringify(left)}`);
        }
        station.heard.length = 0;
        station.cdrs.length = 0;
      }
      pair.network.forget();
      live.length = 0;
      heapOctets.push(options.usedHeapOctets());
      options.onEpoch?.(done, heapOctets.at(-1) ?? 0);
    }
  }
  return { inputs: options.inputs, problems, kept: seen.size, accepted, heard, heapOctets };
}

/** What is read can be written and read again without a change; nothing throws. */
function checkParser(octets: Buffer, problem: (sentence: string, octets: Buffer) => void): string {
  try {
    const first = parseMessage(octets);
    if (!first.ok) return first.problem.sentence.replaceAll(/\d+/g, 'n');
    const written = serializeMessage(first.value);
    const second = parseMessage(toOctets(written));
    // With all the lines it may have and no Content-Length, it has one more when written.
    const isFull =
      first.value.headers.length === HEADERS_MAX && headerValue(first.value, 'content-length') === undefined;
    if (isFull) return 'accepted';
    if (!second.ok) problem(`written, it is refused: ${second.problem.sentence}`, octets);
    else if (serializeMessage(second.value) !== written) problem('written twice, it differs', octets);
  } catch (thrown) {
    problem(`thrown: ${thrown instanceof Error ? thrown.stack : String(thrown)}`, octets);
  }
  return 'accepted';
}

function describe(contained: readonly unknown[]): string {
  return contained.map((thrown) => (thrown instanceof Error ? thrown.stack : String(thrown))).join(' and ');
}

function signature(station: Station): number[] {
  return [...Object.values(station.counters), station.core.layer.size(), station.core.dialogs.size()];
}

/** Which counters moved, and in which direction. */
function difference(before: readonly number[], after: readonly number[]): string {
  return after.map((value, index) => Math.sign(value - (before[index] ?? 0))).join('');
}

function request(method: string, body = ''): SipRequest {
  return { kind: 'request', method, uri: 'sip:x@10.0.0.2:5060', headers: [], body };
}

function response(status: number, body = ''): SipResponse {
  return { kind: 'response', status, reason: '', headers: [], body };
}

function startCall(pair: CorePair, random: Random): void {
  const { client } = pair.a.core;
  const invite = client.request(pair.a.app, request('INVITE', SDP), '');
  if (invite.ok && random() < 0.2) {
    const atMs = addMs(pair.clock.monotonicMs(), random() * 200);
    pair.clock.setTimer(atMs, () => void client.cancel(invite.transactionId, request('CANCEL')));
  }
}

/** An application that answers, calls, acknowledges and hangs up as chance has it, at once or later. */
function act(pair: CorePair, station: Station, item: Heard, random: Random): void {
  const { client, server } = station.core;
  const later = (work: () => void) => {
    if (random() < 0.5) work();
    else pair.clock.setTimer(addMs(pair.clock.monotonicMs(), random() * 1_000), work);
  };
  const within = (method: string) =>
    void client.requestInDialog(station.app, item.dialogId, request(method, method === 'INVITE' ? SDP : ''));
  if (item.kind === 'unsolicited') return;
  if (item.kind === 'request') {
    const { method, headers } = item.message;
    // As a B2BUA does that passes on what it got.
    const echo = (status: number, body: string): SipResponse => ({ ...response(status, body), headers });
    if (method === 'ACK' || method === 'CANCEL') {
      if (random() < 0.5) later(() => within(random() < 0.7 ? 'BYE' : 'INVITE'));
      return;
    }
    const statuses = method === 'INVITE' ? [100, 180, 183, 200, 200, 200, 302, 486, 603] : [200, 200, 405, 481];
    const status = statuses[Math.floor(random() * statuses.length)] as number;
    later(() => void server.respond(item.transactionId, echo(status, method === 'INVITE' ? SDP : '')));
    if (status < 200 && random() < 0.8) later(() => void server.respond(item.transactionId, echo(200, SDP)));
    if (random() < 0.05) client.request(station.app, { ...item.message, body: SDP }, '10.0.0.2');
    return;
  }
  if (item.message.status >= 200 && item.message.status < 300) {
    if (random() < 0.9) later(() => void client.ack(item.dialogId, request('ACK')));
    if (random() < 0.7)
      later(() => within(['BYE', 'BYE', 'INVITE', 'INFO', 'UPDATE'][Math.floor(random() * 5)] as string));
  } else if (item.message.status < 200 && random() < 0.1) {
    client.cancel(item.transactionId, request('CANCEL'));
  }
}

/** Longer than every timer: Timer C, then the wait for the CANCEL's answer, then the transaction's own. */
const SETTLE_MS = 400_000;

/** Hangs up whatever is still up, and lets every timer run out; applications only answer meanwhile. */
function settle(pair: CorePair): void {
  const stations = [pair.a, pair.b];
  const habits = stations.map((station) => station.on);
  for (const station of stations) {
    station.on = (item) => {
      if (item.kind === 'request' && item.message.method !== 'ACK') {
        station.core.server.respond(item.transactionId, response(item.message.method === 'INVITE' ? 486 : 200));
      } else if (item.kind === 'response' && item.message.status >= 200 && item.message.status < 300) {
        station.core.client.ack(item.dialogId, request('ACK'));
      }
    };
  }
  for (let round = 0; round < 3; round++) {
    for (const station of stations) {
      for (const dialog of station.core.dialogs.all()) {
        station.core.client.requestInDialog(station.app, dialog.id, request('BYE'));
      }
    }
    pair.clock.advance(SETTLE_MS);
    if (stations.every((station) => Object.values(leftOver(station)).every((count) => count === 0))) break;
  }
  for (const [index, station] of stations.entries()) station.on = habits[index] as Station['on'];
}
