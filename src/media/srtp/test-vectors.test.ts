/** The published vectors: RFC 3711 appendix B, RFC 7714 §16 and §17, and whole packets as libsrtp makes them. */
import { describe, expect, it } from 'vitest';
import type { SrtpKey } from '../../call/srtp.ts';
import { CounterMode } from './counter-mode.ts';
import { gcmRtcp, gcmRtp } from './packet-transform.ts';
import { derived, sessionKeys } from './session-keys.ts';
import { SrtpReceiver } from './srtp-receiver.ts';
import { SrtpSender } from './srtp-sender.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const keyOf = (suite: SrtpKey['suite'], text: string): SrtpKey => ({ suite, master: hex(text).toString('base64') });

const MASTER = 'e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6';
const GCM_MASTER = '000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab';

describe('RFC 3711 appendix B', () => {
  it('B.2: the keystream of AES in counter mode', () => {
    const mode = new CounterMode(hex('2b7e151628aed2a6abf7158809cf4f3c'), hex('f0f1f2f3f4f5f6f7f8f9fafbfcfd'));
    const stream = Buffer.alloc(48);
    mode.apply(stream, 0, 48, 0, 0);
    const blocks = 'e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab 41e95b3bb0a2e8dd477901e4fca894c0';
    expect(stream).toEqual(hex(blocks));
  });

  it('B.3: session keys and salt, the authentication key to its 94th octet', () => {
    const { rtp } = sessionKeys(keyOf('AES_CM_128_HMAC_SHA1_80', MASTER));
    expect(rtp.cipher).toEqual(hex('c61e7a93744f39ee10734afe3ff7a087'));
    expect(rtp.salt).toEqual(hex('30cbbc08863d8c85d49db34a9ae1'));
    expect(rtp.authentication).toEqual(hex('cebe321f6ff7716b6fd4ab49af256a156d38baa4'));
    const master = hex(MASTER);
    expect(derived(master.subarray(0, 16), master.subarray(16), 1, 94)).toEqual(
      hex(
        'cebe321f6ff7716b6fd4ab49af256a15 6d38baa48f0a0acf3c34e2359e6cdbce e049646c43d9327ad175578ef7227098' +
          '6371c10c9a369ac2f94a8c5fbcdddc25 6d6e919a48b610ef17c2041e47403576 6b68642c59bbfc2f34db60dbdfb2',
      ),
    );
  });
});

describe('RFC 7714', () => {
  const session = {
    cipher: hex('000102030405060708090a0b0c0d0e0f'),
    authentication: Buffer.alloc(0),
    salt: hex('517569642070726f2071756f'),
  };
  const rtp = '8040f17b8041f8d35501a0b2 47616c6c696120657374206f6d6e697320646976697361 20696e207061727465732074726573';
  const sealedRtp =
    '8040f17b8041f8d35501a0b2 f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833' +
    '899d7f27beb16a9152cf765ee4390cce';
  const rtcp =
    '81c8000d4d617273 4e5450314e545032525450200000042a0000e9304c756e61 deadbeefdeadbeefdeadbeefdeadbeefdeadbeef';
  const sealedRtcp =
    '81c8000d4d617273 63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b' +
    'c84aa45896cf4d2fc5abf87245d9eade 800005d4';

  it.each([
    ['§16.1: RTP', gcmRtp(session), rtp, sealedRtp, 12, 0x5501a0b2, 0xf17b],
    ['§17.1: RTCP', gcmRtcp(session), rtcp, sealedRtcp, 8, 0x4d617273, 0x5d4],
  ])('%s under AEAD_AES_128_GCM, there and back', (_what, transform, clear, sealed, from, ssrc, index) => {
    const packet = Buffer.concat([hex(clear), Buffer.alloc(32)]);
    const length = transform.seal(packet, hex(clear).length, from, ssrc, index);
    expect(packet.subarray(0, length)).toEqual(hex(sealed));
    expect(packet.subarray(0, transform.open(packet, length, from, ssrc, index))).toEqual(hex(clear));
  });
});

describe('whole packets under a master key', () => {
  const rtp = hex(`800f1234decafbadcafebabe ${'ab'.repeat(16)}`);
  const rtcp = hex(`81c8000bcafebabe ${'ab'.repeat(16)}`);

  it.each([
    ['AES_CM_128_HMAC_SHA1_80', MASTER, '4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb'],
    ['AES_CM_128_HMAC_SHA1_32', MASTER, '4e55dc4ce79978d88ca4d215949d2402 b78d6acc'],
    ['AEAD_AES_128_GCM', GCM_MASTER, 'c5002ede04cfdd2eb91159e0880aa06e d2976826f796b201df3131a127e8a392'],
  ] as const)('are those of libsrtp: RTP, %s', (suite, master, sealed) => {
    const key = keyOf(suite, master);
    const packet = new SrtpSender(key).rtp(rtp);
    expect(packet).toEqual(hex(`800f1234decafbadcafebabe ${sealed}`));
    expect(new SrtpReceiver(key).rtp(Buffer.from(packet as Buffer))).toEqual(rtp);
  });

  it.each([
    ['AES_CM_128_HMAC_SHA1_80', MASTER, '7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798'],
    ['AEAD_AES_128_GCM', GCM_MASTER, 'c98b8b5df0392a55852b6c21ac8e7025 c52c6fbea2b3b446ea31123ba88ce61e 80000001'],
  ] as const)('are those of libsrtp: RTCP, %s', (suite, master, sealed) => {
    const key = keyOf(suite, master);
    const sender = new SrtpSender(key);
    // Theirs counts from 1.
    sender.rtcp(rtcp);
    const packet = sender.rtcp(rtcp);
    expect(packet).toEqual(hex(`81c8000bcafebabe ${sealed}`));
    expect(new SrtpReceiver(key).rtcp(Buffer.from(packet as Buffer))).toEqual(rtcp);
  });
});
