/** What holds for every offer and every answer, whatever the peers say (RFC 3264 §6, §8). */
import { assert, property, tuple } from 'fast-check';
import * as sdpTransform from 'sdp-transform';
import { describe, expect, it } from 'vitest';
import { CODEC_NAMES } from '../audio/codec.ts';
import { type CallSessions, createCallSessions, fits } from './call-sessions.ts';
import { answerTo, offerOf, openOffer } from './codec-choice.ts';
import { BOTH_WAYS, flowOf } from './direction.ts';
import { createLegSession } from './leg-session.ts';
import { readPeerDescription, type SdpRules } from './peer-description.ts';
import { brokenSdp, peerSdp, SECRET } from './testing/arbitrary-sdp.ts';

const RULES: SdpRules = { codecs: CODEC_NAMES, family: 4, srtp: 'accept' };
const ADDRESSES = { dialer: { address: '127.0.0.1', port: 20_000 }, carrier: { address: '127.0.0.1', port: 20_004 } };
const RUNS = { numRuns: 300 };

/** Whole calls; few of any two peers have a codec in common. */
const CALLS = { numRuns: 800 };

/** For a machine that has other things to do. */
const TIMEOUT_MS = 180_000;

/** Attributes that a description of ours may have. */
const OURS = /^a=(?:rtpmap|fmtp|ptime|maxptime|sendrecv|sendonly|recvonly|inactive|rtcp-mux|crypto)\b/;

/** RFC 3264 §6: as many m-lines as the offer, in its order, of its types and transports; nothing that was not offered. */
function expectAnswers(answer: string, offer: string, address = '127.0.0.1'): void {
  const said = sdpTransform.parse(answer);
  const asked = sdpTransform.parse(offer);
  expect(said.media.map(({ type, protocol }) => `${type} ${protocol}`)).toEqual(
    asked.media.map(({ type, protocol }) => `${type} ${protocol}`),
  );
  expect(said.media.filter(({ port }) => port !== 0).length).toBeLessThanOrEqual(1);
  for (const [index, line] of said.media.entries()) {
    const numbers = String(asked.media[index]?.payloads).split(/\s+/);
    for (const number of String(line.payloads).split(' ')) expect(numbers).toContain(number);
    if (line.port === 0) continue;
    const theirs = asked.media[index];
    expect(theirs?.port).not.toBe(0);
    expect(line.crypto?.length ?? 0, 'keys').toBe(line.protocol.startsWith('RTP/SAVP') ? 1 : 0);
    if (line.rtcpMux !== undefined) expect(theirs?.rtcpMux).toBeDefined();
    const direction = flowOf((theirs?.direction ?? asked.direction ?? 'sendrecv') as 'sendrecv');
    const ours = flowOf((line.direction ?? 'sendrecv') as 'sendrecv');
    expect(ours.send && !direction.receive, `${line.direction} to ${theirs?.direction}`).toBe(false);
    expect(ours.receive && !direction.send, `${line.direction} to ${theirs?.direction}`).toBe(false);
  }
  expectOurs(answer, address);
}

/** Nothing of any peer's is in it, but for m-lines that are refused, which have nothing but their first line. */
function expectOurs(sdp: string, address: string): void {
  // A key of ours may spell anything once.
  expect(sdp.replaceAll(/^a=crypto:.*$/gm, '')).not.toContain(SECRET);
  expect(sdp).not.toContain(SECRET.repeat(3));
  expect(sdp).not.toMatch(/192\.0\.2\.|198\.51\.100\.|4242/);
  expect(sdp).toContain(`c=IN IP4 ${address}\r\n`);
  for (const line of sdp.split('\r\n')) if (line.startsWith('a=')) expect(line).toMatch(OURS);
}

describe('whatever a peer offers', { timeout: TIMEOUT_MS }, () => {
  it('is refused with a reason, or has an answer that is one (RFC 3264 §6)', () => {
    let answered = 0;
    assert(
      property(peerSdp, (sdp) => {
        const session = createLegSession('42', ADDRESSES.dialer, RULES);
        const offer = session.readOffer(sdp);
        if (!offer.ok) return;
        answered += 1;
        expectAnswers(session.answer(offer.value, answerTo(offer.value, null), BOTH_WAYS).sdp, sdp);
      }),
      RUNS,
    );
    expect(answered, 'offers that were served').toBeGreaterThan(RUNS.numRuns / 12);
  });

  it('is refused without a throw when it is no SDP', () => {
    assert(
      property(brokenSdp, (sdp) => {
        const read = readPeerDescription(sdp, null, RULES);
        if (!read.ok) expect(['malformed', 'no-common-codec', 'unsupported']).toContain(read.problem.kind);
      }),
      RUNS,
    );
  });
});

describe('a session that goes on', { timeout: TIMEOUT_MS }, () => {
  it('keeps every m-line, and every number its meaning (RFC 3264 §8)', () => {
    assert(
      property(peerSdp, peerSdp, (first, second) => {
        const session = createLegSession('42', ADDRESSES.dialer, RULES);
        const meanings = new Map<number, string>();
        const learn = (sdp: string) => {
          for (const line of sdpTransform.parse(sdp).media)
            for (const { payload, codec, rate } of line.port === 0 ? [] : line.rtp) {
              const meaning = `${codec}/${rate}`;
              expect(meanings.get(payload) ?? meaning, `${payload} in ${sdp}`).toBe(meaning);
              meanings.set(payload, meaning);
            }
        };
        const offer = session.readOffer(first);
        if (!offer.ok) return;
        session.answer(offer.value, answerTo(offer.value, null), BOTH_WAYS);
        const lines = sdpTransform.parse(first).media.length;
        const ours = session.offer(openOffer(session.peer(), null, CODEC_NAMES), BOTH_WAYS);
        learn(ours);
        expect(sdpTransform.parse(ours).media).toHaveLength(lines);
        expectOurs(ours, ADDRESSES.dialer.address);
        learn(session.offer(openOffer(session.peer(), null, ['G729', 'opus']), BOTH_WAYS));
        const again = session.readOffer(second);
        if (again.ok) expectAnswers(session.answer(again.value, answerTo(again.value, null), BOTH_WAYS).sdp, second);
      }),
      RUNS,
    );
  });
});

describe('a call between any two peers', { timeout: TIMEOUT_MS }, () => {
  it('shows neither anything of the other, and leaves both a codec in common', () => {
    let up = 0;
    const both = tuple(peerSdp, peerSdp);
    assert(
      property(both, both, ([dialerSdp, calleeSdp], [dialerNew, calleeNew]) => {
        const offer = readPeerDescription(dialerSdp, null, RULES);
        if (!offer.ok) return;
        const sessions = createCallSessions(offer.value, () => '42', { dialer: RULES, carrier: RULES });
        expectOurs(sessions.offerToCarrier(ADDRESSES), ADDRESSES.carrier.address);
        if (sessions.calleeAnswered('t', calleeSdp) === null) return;
        up += 1;
        expectAnswers(sessions.answerToDialer(), dialerSdp);
        expectPassing(sessions);
        // And what either asks after that, as long as a leg may answer it by itself.
        for (const [side, other, sdp] of [
          ['dialer', 'carrier', dialerNew],
          ['carrier', 'dialer', calleeNew],
        ] as const) {
          const session = sessions.session(side);
          const asked = session?.readOffer(sdp);
          const peer = sessions.session(other)?.peer() ?? null;
          if (session === null || asked?.ok !== true || !fits(asked.value, peer)) continue;
          expectAnswers(session.answer(asked.value, answerTo(asked.value, peer), BOTH_WAYS).sdp, sdp);
          const passed = sessions.session(other)?.offer(offerOf(session.peer(), CODEC_NAMES), BOTH_WAYS) ?? '';
          expectOurs(passed, ADDRESSES[other].address);
          expectPassing(sessions);
        }
      }),
      CALLS,
    );
    expect(up, 'calls that were answered').toBeGreaterThan(5);
  });
});

function expectPassing(sessions: CallSessions): void {
  const [dialer, carrier] = [sessions.session('dialer')?.peer() ?? null, sessions.session('carrier')?.peer() ?? null];
  if (dialer !== null) expect(fits(dialer, carrier)).toBe(true);
}
