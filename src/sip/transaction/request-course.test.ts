import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts';
import { newCounters } from '../counters.ts';
import { responseTo } from '../message/build-response.ts';
import { readEssentials } from '../message/essentials.ts';
import { parseMessage } from '../message/parse-message.ts';
import { header, headerValue, type SipRequest } from '../message/sip-message.ts';
import { createFaces } from '../transport/listener-choice.ts';
import type { Hop, Listener } from './hop.ts';
import { type CourseContext, RequestCourse, TARGET_SILENCE_MS, TWIN_SILENCE_MS } from './request-course.ts';
import { DEFAULT_SIP_TIMERS } from './sip-timers.ts';
import { createTargetHealth } from './target-health.ts';
import { createTransactionLayer, type TransactionLayer } from './transaction-layer.ts';

const UDP: Listener = { protocol: 'udp', address: '10.0.0.1', port: 5060, host: '10.0.0.1' };
const TCP: Listener = { protocol: 'tcp', address: '10.0.0.1', port: 5070, host: '10.0.0.1' };
const A: Hop = { protocol: 'udp', address: '192.0.2.1', port: 5060 };
const B: Hop = { protocol: 'udp', address: '192.0.2.2', port: 5060 };

let clock: FakeClock;
let layer: TransactionLayer;
let context: CourseContext;
let sent: { readonly request: SipRequest; readonly hop: Hop; readonly failed: () => void }[];
let told: string[];
let late: number;

beforeEach(() => {
  clock = fakeClock();
  sent = [];
  told = [];
  late = 0;
  let serial = 0;
  const faces = createFaces([UDP, TCP]);
  layer = createTransactionLayer(
    {
      clock,
      timers: DEFAULT_SIP_TIMERS,
      send(octets, hop, failed) {
        const parsed = parseMessage(octets);
        if (parsed.ok && parsed.value.kind === 'request') sent.push({ request: parsed.value, hop, failed });
      },
      sentBy: (hop) => `10.0.0.1:${faces.facing(hop).port}`,
      newToken: () => `token${serial++}`,
      counters: newCounters(),
      transactionsMax: 100,
    },
    {
      onRequest: () => undefined,
      onCancel: () => undefined,
      onAck: () => undefined,
      onStrayResponse: () => undefined,
    },
  );
  context = {
    clock,
    layer,
    health: createTargetHealth(clock),
    facing: faces.facing,
    isOwn: faces.isOwn,
    streamTwin: (hop) => ({ ...hop, protocol: 'tcp' }),
    udpOctetsMax: 1_300,
    onLateAnswer: () => late++,
  };
});

function course(method = 'INVITE', body = ''): RequestCourse {
  const request: SipRequest = {
    kind: 'request',
    method,
    uri: 'sip:bob@example.org',
    headers: [
      header('From', '<sip:al@10.0.0.1:5060>;tag=a'),
      header('To', '<sip:bob@example.org>'),
      header('Call-ID', 'call'),
      header('CSeq', `1 ${method}`),
      header('Contact', '<sip:al@10.0.0.1:5060>'),
    ],
    body,
  };
  const prepared = RequestCourse.prepare(
    request,
    A,
    {
      onResponse: (response) => void told.push(String(response.status)),
      onTimeout: () => void told.push('timeout'),
      onTransportFailure: () => void told.push('transport failure'),
    },
    context,
  );
  if (prepared === null) throw new Error('no room');
  return prepared;
}

/** The target of the last request (or the one before it …) answers. */
function answer(status: number, index = sent.length - 1, headers: ReturnType<typeof header>[] = []): void {
  const { request, hop } = sent[index] as (typeof sent)[number];
  const response = responseTo(request, status, { toTag: `t${index}`, headers });
  const essentials = readEssentials(response);
  if (!essentials.ok) throw new Error(essentials.problem);
  layer.receiveResponse(response, essentials.value, hop);
}

const trail = () => sent.map(({ request, hop }) => `${request.method} ${hop.protocol} ${hop.address}`);
const branchOf = (index: number) =>
  /branch=(\S+)/.exec(headerValue(sent[index]?.request as SipRequest, 'via') ?? '')?.[1];

describe('RFC 3263 §4.3: a request with several targets', () => {
  it('goes to the next one on 503, with a new branch and the same identity', () => {
    course().send([A, B]);
    answer(503);
    expect(trail()).toEqual(['INVITE udp 192.0.2.1', 'ACK udp 192.0.2.1', 'INVITE udp 192.0.2.2']);
    expect(branchOf(2)).not.toBe(branchOf(0));
    for (const key of ['call-id', 'cseq', 'from']) {
      expect(headerValue(sent[2]?.request as SipRequest, key)).toBe(headerValue(sent[0]?.request as SipRequest, key));
    }
    answer(180);
    answer(200);
    expect(told).toEqual(['180', '200']);
  });

  it('goes to the next one at once on a transport error', () => {
    course('OPTIONS').send([A, B]);
    sent[0]?.failed();
    expect(trail()).toEqual(['OPTIONS udp 192.0.2.1', 'OPTIONS udp 192.0.2.2']);
    expect(told).toEqual([]);
  });

  it('leaves a target that has said nothing, and gives the last one the whole of Timer B', () => {
    course().send([A, B]);
    clock.advance(TARGET_SILENCE_MS + 1);
    expect(trail().at(-1)).toBe('INVITE udp 192.0.2.2');
    clock.advance(31_000);
    expect(told).toEqual([]);
    clock.advance(1_100);
    expect(told).toEqual(['timeout']);
    expect(sent.filter(({ hop }) => hop.address === A.address)).toHaveLength(4);
  });

  it('cancels a target that wakes up after it was left, and takes its answer back', () => {
    course().send([A, B]);
    clock.advance(TARGET_SILENCE_MS + 1);
    answer(180, 0);
    expect(trail().at(-1)).toBe('CANCEL udp 192.0.2.1');
    answer(200, 0);
    expect(late).toBe(1);
    expect(told).toEqual([]);
  });

  it('stays with a target that has said 100', () => {
    course().send([A, B]);
    answer(100);
    clock.advance(TARGET_SILENCE_MS * 2);
    expect(trail()).toEqual(['INVITE udp 192.0.2.1']);
  });

  it('hands on the 503 of the last target, and every other failure of the first', () => {
    course().send([A, B]);
    answer(503);
    answer(503);
    course().send([B, A]);
    answer(486);
    expect(told).toEqual(['503', '486']);
  });

  it('does not leave a callee who has been reached', () => {
    course().send([A, B]);
    answer(180);
    answer(503);
    expect(told).toEqual(['180', '503']);
  });

  it('goes nowhere else once it was cancelled', () => {
    const one = course();
    one.send([A, B]);
    one.callOff();
    answer(503);
    expect(told).toEqual(['503']);
  });

  it('begins with the target that works', () => {
    course().send([A, B]);
    answer(503, 0, [header('Retry-After', '120')]);
    answer(200);
    sent = [];
    clock.advance(100_000);
    course().send([A, B]);
    expect(trail()).toEqual(['INVITE udp 192.0.2.2']);
  });
});

describe('RFC 3261 §18.1.1: a request too large for UDP', () => {
  const large = `v=0\r\n${'a=x\r\n'.repeat(300)}`;

  it('goes over TCP, with the Via and Contact of that listener', () => {
    course('INVITE', large).send([A]);
    expect(trail()).toEqual(['INVITE tcp 192.0.2.1']);
    const { request } = sent[0] as (typeof sent)[number];
    expect(headerValue(request, 'via')).toMatch(/^SIP\/2\.0\/TCP 10\.0\.0\.1:5070;/);
    expect(headerValue(request, 'contact')).toBe('<sip:al@10.0.0.1:5070;transport=tcp>');
  });

  it('falls back to UDP when TCP refuses, and then knows it', () => {
    course('INVITE', large).send([A]);
    sent[0]?.failed();
    course('INVITE', large).send([A]);
    expect(trail()).toEqual(['INVITE tcp 192.0.2.1', 'INVITE udp 192.0.2.1', 'INVITE udp 192.0.2.1']);
    expect(headerValue(sent[1]?.request as SipRequest, 'contact')).toBe('<sip:al@10.0.0.1:5060>');
  });

  it('does not wait long for TCP that nobody asked for', () => {
    course('INVITE', large).send([A]);
    clock.advance(TWIN_SILENCE_MS + 1);
    expect(trail()).toEqual(['INVITE tcp 192.0.2.1', 'INVITE udp 192.0.2.1']);
  });

  it('is measured with everything it has', () => {
    course('INVITE', 'v=0').send([A]);
    expect(trail()).toEqual(['INVITE udp 192.0.2.1']);
  });
});
