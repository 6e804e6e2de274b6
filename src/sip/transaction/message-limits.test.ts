import { describe, expect, it } from 'vitest';
import { newCounters } from '../counters.ts';
import {
  HEADER_OCTETS_MAX,
  HEADERS_MAX,
  LIST_VALUES_MAX,
  MESSAGE_OCTETS_MAX,
  PARAMETERS_MAX,
  ROUTES_MAX,
  URI_OCTETS_MAX,
  VIAS_MAX,
} from '../message/message-limits.ts';
import { corePair } from '../testing/core-pair.ts';
import { rawPeer } from '../testing/raw-peer.ts';

const LINES = [
  'Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK1',
  'From: <sip:peer@10.0.0.9>;tag=peer',
  'To: <sip:us@10.0.0.2>',
  'Call-ID: call-1',
  'CSeq: 1 OPTIONS',
];

const URI = 'sip:us@10.0.0.2';

function options(more: readonly string[], uri = URI): string {
  return [`OPTIONS ${uri} SIP/2.0`, ...LINES, ...more, '', ''].join('\r\n');
}

const repeated = (line: string, count: number) => Array.from({ length: count }, () => line);
const commaList = (value: string, count: number) => repeated(value, count).join(', ');

/** What the core answered, heard and counted. */
function sent(text: string) {
  const pair = corePair();
  const peer = rawPeer(pair, '10.0.0.9');
  pair.network.send(peer.place, pair.b.place, Buffer.from(text, 'latin1'));
  pair.clock.advance(5);
  const counted = Object.entries(pair.b.counters).filter(([name, count]) => /limit|oversize/i.test(name) && count > 0);
  return {
    answers: peer.timeline().map((line) => line.split(' ')[1]),
    heard: pair.b.heard.length,
    counted: counted.map(([name, count]) => `${name} ${count}`),
  };
}

describe('the limits of a message', () => {
  it.each([
    ['headersLimit', '513', (by: number) => options(repeated('X-A: 1', HEADERS_MAX - LINES.length + by))],
    ['headerLengthLimit', '513', (by: number) => options([`X-A: ${'a'.repeat(HEADER_OCTETS_MAX - 5 + by)}`])],
    [
      'headerLengthLimit',
      '513',
      (by: number) => options([`X-A: a${'\r\n a'.repeat((HEADER_OCTETS_MAX - 6) / 2)}${'a'.repeat(by)}`]),
    ],
    ['uriLimit', '414', (by: number) => options([], `sip:${'u'.repeat(URI_OCTETS_MAX - 13 + by)}@10.0.0.2`)],
    ['listLimit', '513', (by: number) => options([`Via: ${commaList('SIP/2.0/UDP h', VIAS_MAX - 1 + by)}`])],
    ['listLimit', '513', (by: number) => options([`Record-Route: ${commaList('<sip:p;lr>', ROUTES_MAX + by)}`])],
    ['listLimit', '513', (by: number) => options(repeated('Route: <sip:p;lr>', ROUTES_MAX + by))],
    ['listLimit', '513', (by: number) => options([`Supported: ${commaList('x', LIST_VALUES_MAX + by)}`])],
    ['parameterLimit', '513', (by: number) => options([`Contact: <sip:a@b>${';abc=1'.repeat(PARAMETERS_MAX + by)}`])],
  ] as const)('%s: at it a message is taken, over it answered %s and counted', (counter, status, build) => {
    expect(sent(build(0))).toEqual({ answers: [], heard: 1, counted: [] });
    expect(sent(build(1))).toEqual({ answers: [status], heard: 0, counted: [`${counter} 1`] });
  });

  it('oversize: a message over all of them is answered 513 from its head', () => {
    const head = options([]).slice(0, -2);
    const body = 'a'.repeat(MESSAGE_OCTETS_MAX);
    expect(sent(`${head}Content-Length: ${body.length}\r\n\r\n${body}`)).toEqual({
      answers: ['513'],
      heard: 0,
      counted: ['oversize 1'],
    });
  });

  it('a response over one of them is dropped and counted', () => {
    const response = ['SIP/2.0 200 OK', ...LINES, `Record-Route: ${commaList('<sip:p;lr>', ROUTES_MAX + 1)}`, '', ''];
    expect(sent(response.join('\r\n'))).toEqual({ answers: [], heard: 0, counted: ['listLimit 1'] });
  });

  it('are all counted under names that the metrics show', () => {
    expect(Object.keys(newCounters())).toEqual(
      expect.arrayContaining([
        'oversize',
        'headersLimit',
        'headerLengthLimit',
        'uriLimit',
        'listLimit',
        'parameterLimit',
        'transactionLimit',
        'dialogLimit',
        'controlLimit',
      ]),
    );
  });
});
