import { endOfQuoted } from './sip-message.ts';

/**
 * The `;name=value` tail of headers and URIs (RFC 3261 §7.3.1, §25.1), read in place: most callers want one parameter
 * of one message once.
 */

/**
 * The value of a parameter in `text`, looked for from `from` on: '' when it is there without a value, undefined when it
 * is not there. Names compare without case; quotes around a value are kept.
 */
export function parameter(text: string, name: string, from = 0): string | undefined {
  let at = text.indexOf(';', from);
  while (at >= 0 && at < text.length) {
    const end = parameterEnd(text, at + 1);
    const equals = text.indexOf('=', at + 1);
    const nameEnd = equals >= 0 && equals < end ? equals : end;
    if (
      text
        .slice(at + 1, nameEnd)
        .trim()
        .toLowerCase() === name
    ) {
      return nameEnd === end ? '' : text.slice(nameEnd + 1, end).trim();
    }
    at = end;
  }
  return undefined;
}

/** The text without that parameter, from `from` on. */
export function withoutParameter(text: string, name: string, from = 0): string {
  let at = text.indexOf(';', from);
  while (at >= 0 && at < text.length) {
    const end = parameterEnd(text, at + 1);
    const nameEnd = text
      .slice(at + 1, end)
      .split('=', 1)[0]
      ?.trim()
      .toLowerCase();
    if (nameEnd === name) return text.slice(0, at).trimEnd() + text.slice(end);
    at = end;
  }
  return text;
}

/** Whether every `;` from `from` on is followed by the name of a parameter. */
export function hasNamedParameters(text: string, from = 0): boolean {
  let at = text.indexOf(';', from);
  while (at >= 0 && at < text.length) {
    const end = parameterEnd(text, at + 1);
    if (/^[\s=]*$/.test(text.slice(at + 1, end))) return false;
    at = end;
  }
  return true;
}

function parameterEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfQuoted(text, at);
    else if (character === ';') return at;
  }
  return text.length;
}
