import { describe, expect, it } from 'vitest';
import { toIso, type WallMs } from '../../base/clock.ts';
import { lawfulCall, MONDAY_MORNING } from '../../testing/ruling-facts.ts';
import { canada } from '../jurisdictions/canada.ts';
import { germany } from '../jurisdictions/germany.ts';
import { italy } from '../jurisdictions/italy.ts';
import { unitedKingdom } from '../jurisdictions/united-kingdom.ts';
import { unitedStates } from '../jurisdictions/united-states.ts';
import { WHOLE_INSTALLATION } from './campaign-terms.ts';
import { bindsCall, optOut } from './opt-out.ts';
import type { ScreeningException } from './ruling.ts';

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => (MONDAY_MORNING - days * DAY_MS) as WallMs;
const said = { at: daysAgo(1), source: 'key' } as const;

/** What the rule says of a call to a number that opted out yesterday. */
function judged(exception: ScreeningException | null = null) {
  return optOut(lawfulCall({ exception, agent: 'connected', history: { optOut: said } }), unitedStates);
}

const consent = (sinceMs: number | null) =>
  ({ basis: 'consent', reference: 'crm-1', since: sinceMs === null ? null : toIso(sinceMs as WallMs) }) as const;

describe('a number whose person said never again', () => {
  it('is not called, whoever is on the line, and not by waiting either (16 CFR 310.4(b)(1)(iii)(A))', () => {
    expect(judged()).toMatchObject({
      rule: 'opt-out',
      facts: { controller: 'luce', optedOutAt: '2026-11-22T09:00:00.000Z', by: 'key', consentSince: null },
      retryAfterS: null,
    });
  });

  it('is not called after twenty years', () => {
    const old = lawfulCall({ history: { optOut: { at: daysAgo(7_305), source: 'command' } } });
    expect(optOut(old, italy)).not.toBeNull();
  });

  it('is called on a consent that was given after it, and on no other', () => {
    expect(judged(consent(said.at + 1))).toBeNull();
    expect(judged(consent(said.at))).not.toBeNull();
    expect(judged(consent(null)), 'an old consent is what was taken back').not.toBeNull();
    expect(judged(consent(MONDAY_MORNING + 1)), 'nobody consented tomorrow').not.toBeNull();
    expect(judged({ basis: 'contract', reference: 'pod-1', since: toIso(MONDAY_MORNING) })).not.toBeNull();
  });

  it('is one under every law, each with its own source', () => {
    const call = lawfulCall({ history: { optOut: said } });
    const laws = [italy, germany, unitedKingdom, unitedStates, canada];
    const citations = laws.map((law) => optOut(call, law)?.citation ?? '');
    expect(citations.map((text) => /2016\/679|PECR|310\.4|CRTC/.exec(text)?.[0])).toEqual([
      ...['2016/679', '2016/679', 'PECR', '310.4', 'CRTC'],
    ]);
  });
});

describe('an opt-out', () => {
  it('binds its controller, and those of the whole installation whoever calls', () => {
    const luce = { lockScope: 'luce', controller: 'luce' };
    expect([bindsCall('luce', luce), bindsCall('gas', luce), bindsCall(WHOLE_INSTALLATION, luce)]).toEqual([
      ...[true, false, true],
    ]);
    expect(bindsCall('gas', { lockScope: WHOLE_INSTALLATION, controller: 'luce' })).toBe(true);
  });
});
