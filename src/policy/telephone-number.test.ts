import { describe, expect, it } from 'vitest';
import { formatted, type NumberPlan, toE164 } from './telephone-number.ts';

const ITALY: NumberPlan = { countryCode: '39', internationalPrefix: '00', trunkPrefix: '' };
const GERMANY: NumberPlan = { countryCode: '49', internationalPrefix: '00', trunkPrefix: '0' };
const NO_PLAN: NumberPlan = { countryCode: null, internationalPrefix: '00', trunkPrefix: '' };

describe('a dialled number', () => {
  it.each([
    ['+393331234567', ITALY, null, '+393331234567'],
    ['+39-333.123(45)67', ITALY, null, '+393331234567'],
    ['00393331234567', ITALY, null, '+393331234567'],
    ['0212345678', ITALY, null, '+390212345678'], // the 0 stays: it is part of the number
    ['3331234567', ITALY, null, '+393331234567'],
    ['030123456', GERMANY, null, '+4930123456'], // the 0 goes: it is a trunk prefix
    ['112', ITALY, null, '112'],
    ['4200', ITALY, null, '4200'],
    ['3331234567', NO_PLAN, null, '3331234567'],
    ['3331234567', NO_PLAN, '+39', '+393331234567'], // RFC 3966 §5.1.5
    ['3331234567', NO_PLAN, 'dialer.example', '3331234567'],
    ['alice', ITALY, null, 'alice'],
    ['call-me', ITALY, null, 'call-me'],
    ['', ITALY, null, ''],
  ])('%s is %#', (dialled, plan, context, e164) => {
    expect(toE164(dialled, plan, context)).toBe(e164);
  });
});

describe("a carrier's format", () => {
  it.each([
    ['unchanged', '+393331234567'],
    ['plus', '+393331234567'],
    ['digits', '393331234567'],
    ['international-prefix', '00393331234567'],
    ['national', '3331234567'],
  ] as const)('%s writes an Italian number as %s', (format, expected) => {
    expect(formatted('+393331234567', format, ITALY)).toBe(expected);
  });

  it('national writes another country’s number with its country code', () => {
    expect(formatted('+4930123456', 'national', ITALY)).toBe('004930123456');
    expect(formatted('+4930123456', 'national', GERMANY)).toBe('030123456');
  });

  it('guesses nothing of what is no E.164 number', () => {
    for (const number of ['112', 'alice', '0212345678']) expect(formatted(number, 'digits', ITALY)).toBe(number);
  });
});
