import { describe, expect, it } from 'vitest';
import type { DialogRecord } from '../guard/journal.ts';
import type { SipRequest } from './drachtio-srf.ts';
import { agentInFrom, isNamed, type Replaces, readReplaces, refusalOfReplacing } from './replaces.ts';

const NAMED: Replaces = { callId: 'a@b', toTag: 'ours', fromTag: 'theirs', earlyOnly: false };

describe('Replaces, RFC 3891 §6.1:', () => {
  it.each([
    ['a@b;to-tag=ours;from-tag=theirs', NAMED],
    [' a@b ; From-Tag = theirs ; x ; y="a;b" ; TO-TAG=ours ', NAMED],
    ['a@b;to-tag=ours;early-only;from-tag=theirs', { ...NAMED, earlyOnly: true }],
    [
      'http/agent+%25?x"<>[]{}@[::1]:5060;to-tag=1;from-tag=0',
      { callId: 'http/agent+%25?x"<>[]{}@[::1]:5060', toTag: '1', fromTag: '0', earlyOnly: false },
    ],
  ])('%s names a dialog', (value, expected) => {
    expect(readReplaces(value)).toEqual(expected);
  });

  it.each([
    '',
    'a@b',
    'a@b;to-tag=ours',
    'a@b;from-tag=theirs',
    'a@b;to-tag;from-tag=theirs',
    ';to-tag=ours;from-tag=theirs',
    'a@b;to-tag=ours;from-tag=theirs;to-tag=ours',
    'a@b;to-tag=ours;from-tag=theirs;',
    'a@b;to-tag=ours;from-tag="theirs',
    'a b;to-tag=ours;from-tag=theirs',
    // Two headers, as they come joined.
    'a@b;to-tag=ours;from-tag=theirs, c@d;to-tag=1;from-tag=2',
  ])('%s names none: it is malformed', (value) => {
    expect(readReplaces(value)).toBeNull();
  });
});

describe('Replaces, RFC 3891 §3:', () => {
  const dialog = { callId: 'a@b', localTag: 'ours', remoteTag: 'theirs' } as DialogRecord;

  it('names the dialog whose Call-ID and tags are all the same, to-tag being ours', () => {
    expect(isNamed(NAMED, dialog)).toBe(true);
    expect(isNamed({ ...NAMED, callId: 'A@b' }, dialog)).toBe(false);
    expect(isNamed({ ...NAMED, toTag: 'theirs', fromTag: 'ours' }, dialog)).toBe(false);
    expect(isNamed({ ...NAMED, fromTag: '0' }, dialog)).toBe(false);
  });

  it('a tag of 0 stands for none', () => {
    expect(isNamed({ ...NAMED, fromTag: '0' }, { ...dialog, remoteTag: '' })).toBe(true);
    expect(isNamed({ ...NAMED, fromTag: '0' }, { ...dialog, remoteTag: '0' })).toBe(true);
  });

  it('481 without such a dialog, 603 when it has terminated, 486 to early-only when it is confirmed', () => {
    const earlyOnly = { ...NAMED, earlyOnly: true };
    expect([null, 'terminated', 'confirmed'].map((one) => refusalOfReplacing(one as null, NAMED))).toEqual([
      481,
      603,
      null,
    ]);
    expect([null, 'terminated', 'confirmed'].map((one) => refusalOfReplacing(one as null, earlyOnly))).toEqual([
      481, 603, 486,
    ]);
  });
});

describe('the agent whom From names', () => {
  it.each([
    [
      { name: '"Anna Rossi"', uri: 'sip:1002@pbx.example' },
      { id: '1002', name: 'Anna Rossi', extension: '1002' },
    ],
    [{ uri: 'sip:1002;x=y@pbx.example' }, { id: '1002', name: null, extension: '1002' }],
    // The campaign's number, or nobody: an agent, and no word of whom.
    [
      { name: 'Campaign', uri: 'sip:+390212345678@pbx.example' },
      { id: 'unknown', name: null, extension: null },
    ],
    [{ uri: 'sip:pbx.example' }, { id: 'unknown', name: null, extension: null }],
  ])('%o', (from, agent) => {
    const request = { getParsedHeader: () => from } as unknown as SipRequest;
    expect(agentInFrom(request, '+390212345678')).toEqual({ ...agent, source: 'sip-replaces' });
  });
});
