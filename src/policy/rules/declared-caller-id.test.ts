import { describe, expect, it } from 'vitest';
import { lawfulCall } from '../../testing/ruling-facts.ts';
import { italy } from '../jurisdictions/italy.ts';
import { declaredCallerId } from './declared-caller-id.ts';
import { roc } from './roc.ts';

function breachOf(callerId: string, callerIds: readonly string[]) {
  return declaredCallerId(lawfulCall({ callerId, terms: { callerIds } }), italy);
}

describe('L. 5/2018 art. 2: a caller id', () => {
  it('that is declared passes, and so does one that begins as declared', () => {
    expect(breachOf('+390212345678', ['+390299', '+390212345678'])).toBeNull();
    expect(breachOf('+390844123456', ['+390844*'])).toBeNull();
    // AGCOM 21/26/CIR: three digits.
    expect(breachOf('123', ['123'])).toBeNull();
  });

  it('that only resembles a declared one does not', () => {
    for (const callerId of ['+39021234567', '+3902123456789', '390212345678', '']) {
      expect(breachOf(callerId, ['+390212345678', '+390844*']), callerId).not.toBeNull();
    }
  });

  it('is breached by every call of a campaign that declares none', () => {
    expect(breachOf('+390212345678', [])).toMatchObject({ facts: { callerId: 'not declared', declared: 0 } });
  });

  it('is not repeated in the facts, since it may be anybody', () => {
    expect(JSON.stringify(breachOf('+393339999999', ['+390212345678']))).not.toContain('333999');
    expect(breachOf('', ['+390212345678'])?.facts.callerId).toBe('none');
  });
});

describe('DL 83/2012 art. 24-bis c. 11: the ROC register', () => {
  it('has the number of the operator who calls for the campaign', () => {
    expect(roc(lawfulCall({ terms: { roc: '12345' } }), italy)).toBeNull();
    expect(roc(lawfulCall({ terms: { roc: null } }), italy)).toMatchObject({ rule: 'roc', retryAfterS: null });
  });
});
