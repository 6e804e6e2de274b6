import { describe, expect, it } from 'vitest';
import { readCallCode, withoutCallCodes } from './call-code.ts';

describe("VICIdial's call code", () => {
  it('is read from a name, with or without quotes', () => {
    expect(readCallCode('"V1120101507000123456"')).toBe('V1120101507000123456');
    expect(readCallCode('V11201015070001234567')).toBe('V11201015070001234567');
    expect(readCallCode('M7152249180000855319')).toBe('M7152249180000855319');
  });

  it('is the same with the extension and the campaign that VICIdial may put behind it', () => {
    expect(readCallCode('M7152249180000855319 101')).toBe('M7152249180000855319');
    expect(readCallCode('"M7152249180000855319 101 SPRING"')).toBe('M7152249180000855319');
  });

  it('of a third party whom an agent adds has another form', () => {
    expect(readCallCode('"DC943083W0000855319W"')).toBe('DC943083W0000855319W');
  });

  it.each(['', 'Vittoria', 'V1120', 'V1120101507000123456x', 'Acme V1120101507000123456'])('is not in %j', (name) => {
    expect(readCallCode(name)).toBeNull();
  });

  it('is taken out of a header with the name that holds it, and nothing else is', () => {
    expect(withoutCallCodes('"V1120101507000123456" <sip:+39021@pbx>;party=calling')).toBe(
      '<sip:+39021@pbx>;party=calling',
    );
    expect(withoutCallCodes('M7152249180000855319 <sip:1@pbx>')).toBe('<sip:1@pbx>');
    expect(withoutCallCodes('"DC943083W0000855319W 101" <sip:1@pbx>, <tel:+39021>')).toBe('<sip:1@pbx>, <tel:+39021>');
    expect(withoutCallCodes('"Acme" <sip:1@pbx>')).toBe('"Acme" <sip:1@pbx>');
  });
});
