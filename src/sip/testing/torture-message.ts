import { readFileSync } from 'node:fs';

/**
 * A test message in the notation of RFC 4475 §2: lines end in CRLF on the wire, `<allOneLine>` joins its lines to one,
 * `<hex>` holds octets, `<repeat count=N>` says its text N times. White space inside `<hex>` means nothing.
 */
export function expandTortureNotation(text: string): Buffer {
  const octetText = Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/<hex>([\s0-9A-Fa-f]*)<\/hex>/g, (_all, digits: string) => `<hex>${digits.replace(/\s/g, '')}</hex>`)
    .replace(/<allOneLine>\n([\s\S]*?)\n<\/allOneLine>/g, (_all, lines: string) => lines.replaceAll('\n', ''))
    .replaceAll('\n', '\r\n')
    .replace(/<repeat count=(\d+)>(.*?)<\/repeat>/g, (_all, count: string, what: string) => what.repeat(Number(count)))
    .replace(/<hex>([0-9A-Fa-f]*)<\/hex>/g, (_all, digits: string) => Buffer.from(digits, 'hex').toString('latin1'));
  return Buffer.from(octetText, 'latin1');
}

/** The octets of one fixture: `rfc4475/wsinv`. */
export function tortureMessage(name: string): Buffer {
  return expandTortureNotation(readFileSync(new URL(`../message/fixtures/${name}.txt`, import.meta.url), 'utf8'));
}
