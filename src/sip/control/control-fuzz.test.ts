import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import type { Application } from '../dialog/application.ts';
import { corePair } from '../testing/core-pair.ts';
import { fuzzCorpus } from '../testing/fuzz-corpus.ts';
import { mutate } from '../testing/mutation.ts';
import { createFaces } from '../transport/listener-choice.ts';
import { createControlConnection } from './control-connection.ts';
import { createFrameReader, frame } from './frame.ts';
import { createRoutingTable } from './routing-table.ts';

/** A fifth of the inputs of the network's side: this one is reached from this machine, with a secret. */
const INPUTS = Math.floor(Number(process.env.BRUSIO_FUZZ_INPUTS ?? 50_000) / 5);
const SEED = Number(process.env.BRUSIO_FUZZ_SEED ?? 20_261_122);

describe('the frames of the control protocol', () => {
  it('come out as they went in, wherever the stream is cut', () => {
    const message = fc
      .uint8Array({ minLength: 1, maxLength: 300 })
      .map((octets) => Buffer.from(octets).toString('latin1'));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(400), { maxLength: 12 }), (messages, cuts) => {
        const stream = Buffer.from(messages.map(frame).join(''), 'latin1');
        const reader = createFrameReader();
        const read: string[] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          const result = reader.push(stream.subarray(at, at + cut));
          expect(result.ok).toBe(true);
          if (result.ok) read.push(...result.value);
          at = Math.min(stream.length, at + cut);
        }
        expect(read).toEqual(messages);
      }),
      { numRuns: 300 },
    );
  });

  it(`never throw and never keep more than one frame, over ${INPUTS} damaged streams (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    const below = (limit: number) => Math.floor(random() * limit);
    const corpus = fuzzCorpus().map((octets) => Buffer.from(frame(octets.toString('latin1')), 'latin1'));
    let refusedStreams = 0;
    for (let done = 0; done < INPUTS; done++) {
      const stream = mutate(corpus[below(corpus.length)] as Buffer, corpus[below(corpus.length)] as Buffer, random);
      const reader = createFrameReader();
      for (let at = 0; at < stream.length; ) {
        const end = at + 1 + below(stream.length);
        if (!reader.push(stream.subarray(at, end)).ok) {
          refusedStreams++;
          break;
        }
        at = end;
      }
    }
    expect(refusedStreams).toBeGreaterThan(INPUTS / 100);
    expect(refusedStreams).toBeLessThan(INPUTS);
  }, 600_000);
});

describe('a client of the control protocol that writes anything', () => {
  it(`is answered or turned away, over ${INPUTS} messages (seed ${SEED})`, () => {
    const random = seededRandom(SEED + 1);
    const below = (limit: number) => Math.floor(random() * limit);
    const pair = corePair();
    const { core } = pair.a;
    let answers = 0;
    const connection = createControlConnection(
      {
        routes: createRoutingTable<Application>(),
        client: core.client,
        server: core.server,
        newId: () => 'id',
        time: () => '16:30:01.123456',
        isSecret: (secret) => secret === 'cymru',
        faces: createFaces([{ protocol: 'udp', address: '10.0.0.1', port: 5060, host: '10.0.0.1' }]),
      },
      { write: () => void answers++, end: () => undefined },
    );
    connection.receive('m0|authenticate|cymru|');
    const corpus = [
      'm1|route|invite',
      'm2|remove_route|invite',
      'm3|ping',
      'm4|proxy|txn||||serial|||sip:a@b\r\nINVITE sip:a@b SIP/2.0\r\n\r\n',
      'm5|sip||\r\nINVITE sip:bob@10.0.0.2 SIP/2.0\r\nX-Foo: bar\r\nfrom: "Al" <sip:1@localhost>\r\n\r\nv=0',
      'm6|sip|a000000000000001|\r\nSIP/2.0 200 OK\r\nContact: <sip:a@b>\r\n\r\nv=0',
      'm7|sip||call;from-tag=x\r\nBYE sip:b@10.0.0.2 SIP/2.0\r\n\r\n',
      'm8|sip|a000000000000001|\r\nCANCEL sip:b@10.0.0.2 SIP/2.0\r\n\r\n',
      'm9|sip||call;from-tag=x|sip:10.0.0.2;lr\r\nACK sip:b@10.0.0.2 SIP/2.0\r\n\r\n',
      ...fuzzCorpus().map((octets) => `m10|sip||\r\n${octets.toString('latin1')}`),
    ].map((text) => Buffer.from(text, 'latin1'));
    for (let done = 0; done < INPUTS; done++) {
      const message = mutate(corpus[below(corpus.length)] as Buffer, corpus[below(corpus.length)] as Buffer, random);
      connection.receive(message.toString('latin1'));
      if (done % 50 === 0) pair.clock.advance(1_000);
      if (done % 1_000 === 0) pair.network.forget();
    }
    pair.clock.advance(400_000);
    expect(answers).toBeGreaterThan(INPUTS / 2);
    expect([...pair.a.contained, ...pair.b.contained]).toEqual([]);
    expect([core.layer.size(), core.dialogs.clientCalls.size]).toEqual([0, 0]);
  }, 600_000);
});
