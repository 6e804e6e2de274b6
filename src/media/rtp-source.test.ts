import { describe, expect, it } from 'vitest';
import { RtpSource } from './rtp-source.ts';

const named = { address: '192.0.2.1', port: 4000 };

function source(): RtpSource {
  return new RtpSource(named);
}

/** Of a peer that the settings say is behind a NAT. */
function natSource(): RtpSource {
  return new RtpSource(named, true);
}

describe('RFC 4961 symmetric RTP', () => {
  it('sends to the named address until something is heard', () => {
    expect(source()).toMatchObject(named);
  });

  it('latches onto the named address whatever its port, and sends there', () => {
    const latch = source();
    expect(latch.accept('192.0.2.1', 4998)).toBe(true);
    expect(latch).toMatchObject({ address: '192.0.2.1', port: 4998 });
    expect(latch.accept('192.0.2.1', 4996)).toBe(false);
    expect(latch.accept('198.51.100.9', 4998)).toBe(false);
    expect(latch.accept('192.0.2.1', 4998)).toBe(true);
  });

  it('gives a latch that another stream of the named address took to the named port, for good', () => {
    const latch = source();
    latch.accept('192.0.2.1', 4998);
    expect(latch.accept('192.0.2.1', 4000)).toBe(true);
    expect(latch).toMatchObject(named);
    expect(latch.accept('192.0.2.1', 4998)).toBe(false);
  });

  it('refuses every other address, however early it comes and whatever the named one does', () => {
    const latch = source();
    expect(latch.accept('198.51.100.9', 4000)).toBe(false);
    expect(latch).toMatchObject(named);
    expect(latch.accept('192.0.2.1', 4000)).toBe(true);
    expect(latch.accept('198.51.100.9', 4000)).toBe(false);
    latch.signal(named);
    expect(latch.accept('198.51.100.9', 4000)).toBe(false);
  });
});

describe('RFC 4961 symmetric RTP of a peer behind NAT', () => {
  it('latches onto another address when the named one is silent, once', () => {
    const latch = natSource();
    expect(latch.accept('198.51.100.9', 61000)).toBe(true);
    expect(latch).toMatchObject({ address: '198.51.100.9', port: 61000 });
    expect(latch.accept('203.0.113.5', 61000)).toBe(false);
    expect(latch.accept('198.51.100.9', 61001)).toBe(false);
  });

  it('gives a latch that a stranger took to the named address, once', () => {
    const latch = natSource();
    latch.accept('198.51.100.9', 61000);
    expect(latch.accept('192.0.2.1', 4000)).toBe(true);
    expect(latch.accept('198.51.100.9', 61000)).toBe(false);
    expect(latch.accept('192.0.2.1', 4998)).toBe(false);
    expect(latch).toMatchObject(named);
  });
});

describe('a new offer or answer', () => {
  it('moves the stream to an address that is new, and latches again', () => {
    const latch = source();
    latch.accept('192.0.2.1', 4998);
    latch.signal({ address: '192.0.2.7', port: 5000 });
    expect(latch).toMatchObject({ address: '192.0.2.7', port: 5000 });
    expect(latch.accept('192.0.2.7', 5002)).toBe(true);
    expect(latch.accept('192.0.2.1', 4998)).toBe(false);
  });

  it('that names no address, a hold of RFC 2543, leaves the peer where it is', () => {
    const latch = source();
    latch.accept('192.0.2.1', 4998);
    for (const nowhere of [
      { address: '0.0.0.0', port: 4000 },
      { address: '::', port: 4000 },
      { address: '192.0.2.7', port: 0 },
    ])
      latch.signal(nowhere);
    expect(latch).toMatchObject({ address: '192.0.2.1', port: 4998 });
    expect(latch.accept('192.0.2.1', 4998)).toBe(true);
    expect(latch.accept('0.0.0.0', 4000)).toBe(false);
  });

  it('of another peer says anew whether a NAT stands before it', () => {
    const latch = natSource();
    latch.accept('198.51.100.9', 61000);
    latch.replace({ address: '192.0.2.7', port: 5000 }, false);
    expect(latch.accept('198.51.100.8', 61000)).toBe(false);
    latch.replace({ address: '192.0.2.8', port: 5000 }, true);
    expect(latch.accept('198.51.100.8', 61000)).toBe(true);
  });

  it('goes on sending to where the peer was heard when the address is the same', () => {
    const latch = natSource();
    latch.accept('198.51.100.9', 61000);
    latch.signal(named);
    expect(latch).toMatchObject({ address: '198.51.100.9', port: 61000 });
    expect(latch.accept('198.51.100.9', 61002)).toBe(true);
    expect(latch.accept('198.51.100.9', 61000)).toBe(false);
  });

  it('does not open the latch to strangers when the named address was heard before', () => {
    const latch = natSource();
    latch.accept('192.0.2.1', 4000);
    latch.signal(named);
    expect(latch.accept('198.51.100.9', 61000)).toBe(false);
    expect(latch.accept('192.0.2.1', 4002)).toBe(true);
  });
});

describe('another fork in place of the peer', () => {
  it('is heard at once, and the one before no more, wherever that sent from', () => {
    const latch = source();
    latch.accept('192.0.2.1', 4998);
    latch.replace({ address: '192.0.2.7', port: 5000 });
    expect(latch).toMatchObject({ address: '192.0.2.7', port: 5000 });
    expect([latch.accept('192.0.2.1', 4998), latch.accept('192.0.2.1', 4000)]).toEqual([false, false]);
    expect(latch.accept('192.0.2.7', 5000)).toBe(true);
  });

  it('may be the first one again', () => {
    const latch = source();
    latch.replace({ address: '192.0.2.7', port: 5000 });
    latch.replace(named);
    expect(latch.accept('192.0.2.7', 5000)).toBe(false);
    expect(latch.accept('192.0.2.1', 4000)).toBe(true);
  });

  it('is forgotten when a later offer or answer names it', () => {
    const latch = source();
    latch.replace({ address: '192.0.2.7', port: 5000 });
    latch.signal(named);
    expect(latch.accept('192.0.2.1', 4000)).toBe(true);
  });

  it('with the same address is the same peer', () => {
    const latch = source();
    latch.accept('192.0.2.1', 4000);
    latch.replace(named);
    expect(latch.accept('192.0.2.1', 4000)).toBe(true);
  });
});
