import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { createSigner, verifyWebhook } from './signature.ts';

const secretOf = (fill: string, octets = 24) => `whsec_${Buffer.alloc(octets, fill).toString('base64')}`;
const SECRET = secretOf('a');
const OLD_SECRET = secretOf('b', 32);
const BODY = '{"type":"call.outcome","data":{"campaign":"perché no","number":"+39333•••4567"}}';
// The oracle has no clock to inject: these tests alone use the real one.
const nowS = Math.floor(Date.now() / 1000);
const now = (nowS * 1000) as WallMs;

function headersOf(signature: string, { id = 'msg_1', timestampS = nowS } = {}) {
  return { 'webhook-id': id, 'webhook-timestamp': String(timestampS), 'webhook-signature': signature };
}

describe('a signature (Standard Webhooks 1.0.0)', () => {
  it('is believed by the reference implementation', () => {
    const headers = headersOf(createSigner([SECRET])('msg_1', nowS, BODY));
    expect(new Webhook(SECRET).verify(BODY, headers)).toEqual(JSON.parse(BODY));
  });

  it('is the same as the reference implementation makes', () => {
    const theirs = new Webhook(SECRET).sign('msg_1', new Date(now), BODY);
    expect(createSigner([SECRET])('msg_1', nowS, BODY)).toBe(theirs);
    expect(verifyWebhook([SECRET], headersOf(theirs), BODY, now)).toEqual({ ok: true, value: null });
  });

  it('is made with every secret while one is replaced, and either is enough', () => {
    const headers = headersOf(createSigner([SECRET, OLD_SECRET])('msg_1', nowS, BODY));
    for (const secret of [SECRET, OLD_SECRET]) {
      expect(new Webhook(secret).verify(BODY, headers)).toEqual(JSON.parse(BODY));
      expect(verifyWebhook([secret], headers, BODY, now).ok).toBe(true);
    }
    const oldOnly = headersOf(createSigner([OLD_SECRET])('msg_1', nowS, BODY));
    expect(verifyWebhook([SECRET, OLD_SECRET], oldOnly, BODY, now).ok).toBe(true);
  });

  it('matches the example of the specification', () => {
    // https://github.com/standard-webhooks/standard-webhooks, libraries/javascript: the vector of its own tests.
    const sign = createSigner(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']);
    expect(sign('msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });
});

describe('a received webhook', () => {
  const good = headersOf(createSigner([SECRET])('msg_1', nowS, BODY));
  const verify = (headers: Parameters<typeof verifyWebhook>[1], body = BODY, at = now) =>
    verifyWebhook([SECRET], headers, body, at);

  it.each([
    ['the body', good, `${BODY} `],
    ['the id', { ...good, 'webhook-id': 'msg_2' }, BODY],
    ['the timestamp', { ...good, 'webhook-timestamp': String(nowS - 1) }, BODY],
    ['the version', { ...good, 'webhook-signature': good['webhook-signature'].replace('v1,', 'v2,') }, BODY],
    ['the length', { ...good, 'webhook-signature': 'v1,AAAA' }, BODY],
  ])('is refused when %s was changed', (_what, headers, body) => {
    expect(verify(headers, body)).toEqual({ ok: false, problem: 'no-matching-signature' });
  });

  it('is refused when it was signed with another secret', () => {
    const other = headersOf(createSigner([OLD_SECRET])('msg_1', nowS, BODY));
    expect(verify(other)).toEqual({ ok: false, problem: 'no-matching-signature' });
  });

  it('is believed for five minutes either way, and no longer', () => {
    const at = (seconds: number) => verify(good, BODY, (now + seconds * 1000) as WallMs);
    expect(at(300).ok).toBe(true);
    expect(at(301)).toEqual({ ok: false, problem: 'too-old' });
    expect(at(-300).ok).toBe(true);
    expect(at(-301)).toEqual({ ok: false, problem: 'too-new' });
  });

  it('is refused without its headers or with a timestamp that is no number', () => {
    expect(verify({ ...good, 'webhook-id': undefined })).toEqual({ ok: false, problem: 'missing-header' });
    expect(verify({ ...good, 'webhook-timestamp': 'now' })).toEqual({ ok: false, problem: 'bad-timestamp' });
  });
});

describe('a secret', () => {
  it.each([
    ['has no prefix', Buffer.alloc(24).toString('base64')],
    ['is not base64', 'whsec_!!!'],
    ['is too short', secretOf('a', 23)],
    ['is too long', secretOf('a', 65)],
  ])('that %s is refused without being repeated', (_why, secret) => {
    expect(() => createSigner([secret])).toThrow(expect.objectContaining({ code: 'webhook.bad-secret' }));
    expect(() => createSigner([secret])).not.toThrow(secret);
  });

  it('is needed', () => {
    expect(() => createSigner([])).toThrow(expect.objectContaining({ code: 'webhook.bad-secret' }));
  });
});
