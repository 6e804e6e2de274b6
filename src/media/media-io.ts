/** The compiled add-on (native/) as it shows itself to JavaScript. */
import { createRequire } from 'node:module';
import { describeError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';

/** The version of native/media-io.c that this file speaks to. */
const VERSION = 5;

/** What the add-on exports; each is described where native/media-io.c takes it from. Numbers below 0 are errnos. */
export type MediaIo = {
  readonly version: number;
  readonly slots: number;
  readonly slotOctets: number;
  readonly words: number;
  start(ring: Buffer, words: Uint32Array, onReady: (count: number, rang: boolean) => void): number;
  stop(): void;
  open(address: string, port: number): number;
  close(fd: number): void;
  target(fd: number, address: string, port: number): number;
  send(fd: number, packet: Buffer): number;
  flush(count: number): number;
  pass(fd: number, slot: number, out: number, headers: Buffer, figures: Float64Array): number;
  passed(fd: number, closes: boolean, figures: Float64Array): number;
  arrive(fd: number, octets: number, address: string, port: number, at: number): number;
  alarm(atMs: number): number;
  source(slot: number): string;
};

/** Of a slot's words, see WORDS in media-io.h. */
export const FD = 0;
export const OCTETS = 1;
export const PORT = 2;
export const IS_OTHER = 3;
export const SEND_ON = 4;
export const ERRNO = 5;

/** Loads the add-on for this thread; refused with why there is none. */
export function loadMediaIo(): Result<MediaIo, string> {
  try {
    const io: MediaIo = createRequire(import.meta.url)('../../native/build/media-io.node');
    if (io.version === VERSION) return ok(io);
    return refused(`it is of version ${io.version}, not ${VERSION}: build it again`);
  } catch (error) {
    return refused(describeError(error));
  }
}
