import { describe, expect, it } from 'vitest';
import { createFrameReader, frame } from './frame.ts';

describe('frames of the control protocol', () => {
  it('count octets, not characters', () => {
    expect(frame(Buffer.from('perché').toString('latin1'))).toBe(Buffer.from('7#perché').toString('latin1'));
  });

  it('are read however the stream was cut', () => {
    const stream = Buffer.from(['a|ping', 'b|route|invite', 'x'.repeat(9_999)].map(frame).join(''), 'latin1');
    for (const size of [1, 2, 3, 7, 4_096, stream.length]) {
      const reader = createFrameReader();
      const messages: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        const read = reader.push(stream.subarray(at, at + size));
        if (!read.ok) throw new Error(read.problem);
        messages.push(...read.value);
      }
      expect(messages).toEqual(['a|ping', 'b|route|invite', 'x'.repeat(9_999)]);
    }
  });

  it.each(['abc#x', '100000#x', '#x', '0#x', '-1#x', '1234567'])(
    'end the connection when they begin like %s',
    (text) => {
      expect(createFrameReader().push(Buffer.from(text)).ok).toBe(false);
    },
  );
});
