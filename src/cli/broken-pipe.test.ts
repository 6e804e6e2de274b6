import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { EXIT_BROKEN_PIPE, endOnBrokenPipe } from './broken-pipe.ts';

it('a reader who goes away ends the command, and any other failure is told', () => {
  const stream = new EventEmitter();
  const codes: number[] = [];
  endOnBrokenPipe(stream, (code) => codes.push(code));
  const failure = (code: string) => stream.emit('error', Object.assign(new Error(code), { code }));
  failure('EPIPE');
  expect(codes).toEqual([EXIT_BROKEN_PIPE]);
  expect(() => failure('EIO')).toThrow('EIO');
  expect(codes).toHaveLength(1);
});
