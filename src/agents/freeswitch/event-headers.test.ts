import { describe, expect, it } from 'vitest';
import { HEADERS_MAX, headerValue, readHeaders } from './event-headers.ts';

describe('headers of an event', () => {
  it('are read up to the empty line, percent-decoded when they are asked for', () => {
    const { headers, malformed } = readHeaders('Event-Name: CUSTOM\nCC-Agent: agent1%40default\n\nbody: none\n');
    expect(malformed).toBe(0);
    expect([...headers.keys()]).toEqual(['Event-Name', 'CC-Agent']);
    expect(headerValue(headers, 'CC-Agent')).toBe('agent1@default');
    expect(headers.get('CC-Agent')).toBe('agent1%40default');
  });

  it.each([
    ['caff%C3%A8', 'caffè'],
    ['a%2', 'a%2'],
    ['%', '%'],
    ['%zz%41', '%zzA'],
    ['100%', '100%'],
    ['%ff', '�'],
    ['%c3', '�'],
    ['a%0Ab', 'a\nb'],
  ])('decode %s without ever throwing', (raw, decoded) => {
    expect(headerValue(new Map([['X', raw]]), 'X')).toBe(decoded);
  });

  it('that are absent, empty or said to be undefined are null', () => {
    const { headers } = readHeaders('A: \nB: _undef_\nC:\n');
    for (const name of ['A', 'B', 'C', 'D']) expect(headerValue(headers, name)).toBeNull();
  });

  it('take a colon and spaces into the value, lines with CR LF, and the first of two', () => {
    const { headers } = readHeaders('A: b: c \r\nA: second\r\nD:e\r\n\r\nF: g\r\n');
    expect([...headers]).toEqual([
      ['A', 'b: c '],
      ['D', 'e'],
    ]);
  });

  it('that are none are counted and skipped', () => {
    const { headers, malformed } = readHeaders('no colon\n: no name\nA: b');
    expect(malformed).toBe(2);
    expect([...headers]).toEqual([['A', 'b']]);
  });

  it('are no more than the limit', () => {
    const text = Array.from({ length: HEADERS_MAX + 7 }, (_unused, index) => `H${index}: v\n`).join('');
    const { headers, malformed } = readHeaders(text);
    expect(headers.size).toBe(HEADERS_MAX);
    expect(malformed).toBe(7);
  });
});
