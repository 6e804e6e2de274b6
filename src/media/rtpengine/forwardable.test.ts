import { describe, expect, it } from 'vitest';
import type { RemoteMedia } from '../../call/remote-media.ts';
import { hindrance } from './forwardable.ts';

const callee: RemoteMedia = {
  rtp: { address: '192.0.2.3', port: 40_000 },
  codecs: [{ name: 'PCMA', payloadType: 8 }],
  telephoneEventPayloadType: 101,
  direction: 'sendrecv',
};
const KEYS = {} as NonNullable<RemoteMedia['srtp']>;
const dialer: RemoteMedia = { ...callee, rtp: { address: '192.0.2.2', port: 50_000 } };
const opus = (payloadType: number) => ({ codecs: [{ name: 'opus', payloadType } as const] });

describe('two peers can be coupled directly', () => {
  it.each<[what: string, dialer: Partial<RemoteMedia>, callee: Partial<RemoteMedia>]>([
    ['with the same numbers', {}, {}],
    [
      'when one takes more than the other was told it may send',
      { sendsAs: callee },
      {
        codecs: [...callee.codecs, { name: 'PCMU', payloadType: 0 }],
        sendsAs: callee,
      },
    ],
    ['with dynamic numbers that agree', opus(111), opus(111)],
    ['when one says the packet time that the other leaves out', { ptimeMs: 20 }, {}],
    ['when RTCP shares the port of both', { rtcpMux: true }, { rtcpMux: true }],
    ['when one takes longer packets than it gets', { maxptimeMs: 60 }, {}],
  ])('%s', (_what, one, other) => {
    expect(hindrance({ ...dialer, ...one }, { ...callee, ...other })).toBeNull();
  });
});

describe('two peers cannot be coupled directly', () => {
  it.each<[what: string, why: string, dialer: Partial<RemoteMedia>, callee: Partial<RemoteMedia>]>([
    ['with one codec under two numbers', 'payload-numbers', opus(111), opus(96)],
    ['with one law each', 'payload-numbers', {}, { codecs: [{ name: 'PCMU', payloadType: 0 }] }],
    ['when only one takes events', 'payload-numbers', {}, { telephoneEventPayloadType: null }],
    [
      'when one sends under numbers that it does not take',
      'payload-numbers',
      opus(111),
      {
        ...opus(111),
        sendsAs: { ...opus(96), telephoneEventPayloadType: 101 },
      },
    ],
    ['with events of another clock', 'payload-numbers', { telephoneEvent48kPayloadType: 100 }, {}],
    ['with packet times that differ', 'packet-time', { ptimeMs: 30 }, { ptimeMs: 20 }],
    ['when packets are longer than one takes', 'packet-time', { ptimeMs: 40, maxptimeMs: 30 }, { ptimeMs: 40 }],
    ['when one leg is protected, since the keys are Brusio’s', 'srtp', {}, { srtp: KEYS }],
    ['when RTCP shares the port of one alone', 'rtcp-mux', { rtcpMux: true }, { rtcpMux: false }],
    ['when one only listens', 'on-hold', { direction: 'recvonly' }, {}],
    ['when one named no address', 'on-hold', {}, { rtp: { address: '0.0.0.0', port: 40_000 } }],
    ['when one refused the stream', 'on-hold', {}, { rtp: { address: '192.0.2.3', port: 0 } }],
  ])('%s', (_what, why, one, other) => {
    expect(hindrance({ ...dialer, ...one }, { ...callee, ...other })).toBe(why);
  });
});
