import { describe, expect, it } from 'vitest';
import { NG_MESSAGE_OCTETS_MAX } from './ng-message.ts';
import { NgStream } from './ng-stream.ts';

const TWO = Buffer.from('a1 d6:result4:pongea2 d6:result2:oke');

describe('a connection', () => {
  it('gives the same answers however it is cut', () => {
    for (let cut = 0; cut <= TWO.length; cut += 1) {
      const stream = new NgStream();
      const answers = [...(stream.take(TWO.subarray(0, cut)) ?? []), ...(stream.take(TWO.subarray(cut)) ?? [])];
      expect(
        answers.map(({ cookie, body }) => `${cookie} ${body.result}`),
        `cut at ${cut}`,
      ).toEqual(['a1 pong', 'a2 ok']);
    }
  });

  it('cannot be followed past something that is no answer', () => {
    expect(new NgStream().take(Buffer.from('a1 d6:result4:pongea2 hello'))).toBeNull();
    expect(new NgStream().take(Buffer.from('HTTP/1.1 400 Bad Request'))).toBeNull();
  });

  it('waits for no message beyond its limit', () => {
    const stream = new NgStream();
    const start = Buffer.from(`a1 d1:x${NG_MESSAGE_OCTETS_MAX + 1}:`);
    expect(stream.take(start)).toEqual([]);
    expect(stream.take(Buffer.alloc(NG_MESSAGE_OCTETS_MAX))).toBeNull();
  });
});
