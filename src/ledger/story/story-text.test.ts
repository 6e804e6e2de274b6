import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import type { CorrectedOutcome } from '../../policy/outcome-correction.ts';
import { sampleEvidence } from '../../testing/story-calls.ts';
import { callStory } from './call-story.ts';
import { storyText } from './story-text.ts';

const page = (outcome: Partial<CorrectedOutcome>, language: 'it' | 'en') => {
  const evidence = sampleEvidence();
  return storyText(callStory({ ...evidence, outcome: { ...evidence.outcome, ...outcome } }, language, 0 as WallMs));
};

describe('the page of a call', () => {
  it('tells of the greeting, of what the wait counted from, of the message and its opt-out', () => {
    const told: Partial<CorrectedOutcome> = {
      greeting: { startedMs: 300, endedMs: 1_500 },
      waitFrom: 'speech-end',
      announcement: {
        ...{ name: 'who-called', text: 'This is Acme.', sha256: 'ab'.repeat(32), startedMs: 3_500, playedMs: 900 },
        ...{ complete: false, optOut: { digit: '9', atMs: 4_400 } },
      },
    };
    const english = page(told, 'en');
    expect(english).toContain('greeting from 300 ms after the answer to 1500 ms');
    expect(english).toContain("within 3 s of the end of the callee's greeting");
    expect(english).toContain('OPTED OUT: the callee pressed 9 4400 ms');
    expect(page(told, 'it')).toContain('messaggio da 3500 ms dopo la risposta, 900 ms riprodotti, non fino alla fine');
  });

  it('cites Italian law in Italian on an Italian page, and as the record has it on an English one', () => {
    const silent = 'point 1: no operator within 3 seconds of the answer, then torn down';
    expect(page({}, 'en')).toContain(silent);
    const italian = page({}, 'it');
    expect(italian).toContain('punto 1: se entro 3 secondi dalla risposta nessun operatore è disponibile');
    expect(italian).not.toContain('Garante, decision');
  });

  it('says nothing of them where the rules know neither', () => {
    expect(page({}, 'en')).not.toContain('GREETING AND MESSAGE');
  });

  it('shows seconds without the noise of fractions', () => {
    const agent = { id: '1001', source: 'sip-info', name: null, extension: null, server: null, bridgedAt: null };
    const { times } = sampleEvidence().outcome;
    const bridged = {
      agent,
      waitMs: 1_112.6,
      handling: 'agent',
      class: 'B',
      teardown: null,
      endCause: 'callee-hung-up',
    };
    const outcome = { ...bridged, times: { ...times, bridged: times.ended } } as Partial<CorrectedOutcome>;
    expect(page(outcome, 'en')).toContain('was on the line 1.113 s after the answer');
  });
});
