import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { parseMessage } from '../message/parse-message.ts';
import { fuzzCorpus } from '../testing/fuzz-corpus.ts';
import { mutate } from '../testing/mutation.ts';
import { createStreamFramer } from './stream-framer.ts';

/** A fifth of what the datagrams get: what comes out goes the same way as they do. */
const INPUTS = Math.floor(Number(process.env.BRUSIO_FUZZ_INPUTS ?? 50_000) / 5);
const SEED = Number(process.env.BRUSIO_FUZZ_SEED ?? 20_261_122) + 2;

type Read = { readonly messages: readonly string[]; readonly pings: number; readonly fault: string | null };

/** What the framer makes of a stream that comes in pieces of these lengths. */
function read(stream: Buffer, nextLength: () => number): Read {
  const framer = createStreamFramer();
  const messages: string[] = [];
  let pings = 0;
  let fault: string | null = null;
  for (let at = 0; at < stream.length && fault === null; ) {
    const end = at + nextLength();
    const reading = framer.push(stream.subarray(at, end));
    messages.push(...reading.messages.map((message) => message.toString('latin1')));
    pings += reading.pings;
    fault = reading.fault;
    at = end;
  }
  return { messages, pings, fault };
}

describe('RFC 3261 §18.3 a stream of damaged messages', () => {
  it(`gives the same messages and the same end however it is cut, over ${INPUTS} streams (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    const below = (limit: number) => Math.floor(random() * limit);
    const corpus = fuzzCorpus();
    const pick = () => corpus[below(corpus.length)] as Buffer;
    let messages = 0;
    const faults = new Set<string>();
    for (let done = 0; done < INPUTS; done++) {
      const parts = Array.from({ length: 1 + below(3) }, () =>
        random() < 0.5 ? pick() : mutate(pick(), pick(), random),
      );
      const stream = Buffer.concat(parts);
      const whole = read(stream, () => stream.length);
      const piece = 1 + below(random() < 0.2 ? 4 : stream.length + 1);
      const cut = read(stream, () => 1 + below(piece));
      if (JSON.stringify(whole) !== JSON.stringify(cut))
        expect({ stream: stream.toString('latin1'), ...cut }).toEqual(whole);
      for (const message of whole.messages) parseMessage(Buffer.from(message, 'latin1'));
      messages += whole.messages.length;
      faults.add(whole.fault ?? 'none');
    }
    expect(messages).toBeGreaterThan(INPUTS / 4);
    expect([...faults]).toEqual(
      expect.arrayContaining(['none', 'not-sip', 'bad-length', 'no-length', 'message-too-large']),
    );
  }, 600_000);
});
