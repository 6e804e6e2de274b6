import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { generateMessage } from '../testing/message-grammar.ts';
import { readEssentials } from './essentials.ts';
import { addressParameter, displayNameOf, isNameAddr, tagOf, uriOf, withoutTag, withTag } from './name-addr.ts';
import { hasNamedParameters, parameter, withoutParameter } from './parameters.ts';
import { parseMessage } from './parse-message.ts';
import { splitList } from './sip-message.ts';
import { formatHostPort, parseHostPort, parseSipUri } from './uri.ts';
import { parseVia } from './via.ts';

const text = (pattern: RegExp) => fc.stringMatching(pattern);
const token = text(/^[A-Za-z0-9.!%*_+`'~-]{1,12}$/);
/** A quoted string with quoted pairs, commas, brackets and semicolons in it. */
const quoted = fc
  .array(fc.oneof(text(/^[ A-Za-z0-9,;<>@=:]{1,5}$/), fc.constantFrom('\\"', '\\\\', '\\a')), { maxLength: 5 })
  .map((parts) => `"${parts.join('')}"`);
const ipv6 = fc.constantFrom('::1', '2001:db8::10', '::ffff:192.0.2.1', 'fe80::1:2:3');
const name = text(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]([a-z0-9-]{0,5}[a-z0-9])?){0,2}\.?$/);
const host = fc.oneof(name, fc.ipV4(), ipv6);
const port = fc.option(fc.integer({ min: 1, max: 65_535 }));
const user = fc.option(text(/^([A-Za-z0-9_.!~*'()&=+$,;?/-]|%[0-9A-Fa-f]{2}){1,12}$/));
const uriParameters = fc
  .array(text(/^[a-z]{1,6}(=[a-z0-9.]{1,6})?$/), { maxLength: 3 })
  .map((all) => all.map((one) => `;${one}`).join(''));
const sipUri = fc.record({ scheme: fc.constantFrom('sip', 'sips'), user, host, port, parameters: uriParameters });

type Parts = { scheme: string; user: string | null; host: string; port: number | null; parameters: string };
const written = ({ scheme, user: who, host: where, port: at, parameters }: Parts) =>
  `${scheme}:${who === null ? '' : `${who}@`}${formatHostPort(where, at)}${parameters}`;

/** Parameters of distinct names that none of ours has. */
const parameters = fc.uniqueArray(fc.tuple(text(/^p[a-z]{1,5}$/), fc.option(fc.oneof(token, quoted), { nil: null })), {
  maxLength: 4,
  selector: ([key]) => key,
});
const lws = fc.constantFrom('', ' ', '\t', '  ');
const tail = fc
  .tuple(parameters, lws, lws)
  .map(([all, a, b]) =>
    all.map(([key, value]) => `${a};${b}${key}${value === null ? '' : `${b}=${a}${value}`}`).join(''),
  );

describe('RFC 3261 §25.1 what is written can be read', () => {
  it('§19.1 SIP URIs', () => {
    fc.assert(
      fc.property(sipUri, (parts) => {
        expect(parseSipUri(written(parts))).toEqual({ ...parts, headers: '' });
      }),
    );
  });

  it('§25.1 hostport', () => {
    fc.assert(
      fc.property(host, port, (where, at) => {
        expect(parseHostPort(formatHostPort(where, at))).toEqual({ host: where, port: at });
      }),
    );
  });

  it('§20.10 names, addresses, tags and parameters', () => {
    fc.assert(
      fc.property(
        sipUri,
        fc.oneof(quoted, token, fc.constant('')),
        lws,
        tail,
        token,
        (uri, display, space, rest, tag) => {
          const value = `${display}${space}<${written(uri)}>${rest}`;
          expect(isNameAddr(value)).toBe(true);
          expect([uriOf(value), displayNameOf(value), tagOf(value)]).toEqual([written(uri), display, null]);
          const tagged = withTag(value, tag);
          expect([uriOf(tagged), tagOf(tagged), displayNameOf(tagged)]).toEqual([written(uri), tag, display]);
          expect(withoutTag(tagged)).toBe(value);
          expect(tagOf(withTag(tagged, 'other'))).toBe('other');
        },
      ),
    );
  });

  it('§7.3.1 parameters, with white space and quoted values', () => {
    fc.assert(
      fc.property(parameters, lws, (all, space) => {
        const value = `x${all.map(([key, what]) => `${space};${space}${key}${what === null ? '' : `=${what}`}`).join('')}`;
        expect(hasNamedParameters(value)).toBe(true);
        for (const [key, what] of all) {
          expect(parameter(value, key)).toBe(what ?? '');
          expect(addressParameter(`<sip:a;${key}=uri>${value.slice(1)}`, key)).toBe(what ?? '');
          expect(parameter(withoutParameter(value, key), key)).toBeUndefined();
        }
      }),
    );
  });

  it('§7.3.1 lists of values', () => {
    const element = fc
      .tuple(quoted, sipUri, tail)
      .map(([display, uri, rest]) => `${display} <${written(uri)}>${rest}`.trim());
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 6 }), lws, (elements, space) => {
        expect(splitList(elements.join(`${space},${space}`))).toEqual(elements);
      }),
    );
  });

  it('§20.42 Vias', () => {
    fc.assert(
      fc.property(token, host, port, token, tail, lws, (transport, where, at, branch, rest, space) => {
        const value = `SIP${space}/${space}2.0/${transport} ${space}${formatHostPort(where, at)}${rest};branch=${branch}`;
        expect(parseVia(value)).toEqual({
          text: value,
          transport: transport.toUpperCase(),
          host: where.toLowerCase(),
          port: at,
          branch,
        });
      }),
    );
  });

  it('whole messages of the grammar with its rare productions', () => {
    const random = seededRandom(3261);
    const refused = new Map<string, number>();
    const COUNT = 3_000;
    for (let left = COUNT; left > 0; left--) {
      const parsed = parseMessage(Buffer.from(generateMessage(random), 'latin1'));
      const problem = parsed.ok ? readEssentials(parsed.value) : parsed;
      if (problem.ok) continue;
      const sentence = typeof problem.problem === 'string' ? problem.problem : problem.problem.sentence;
      refused.set(sentence, (refused.get(sentence) ?? 0) + 1);
    }
    expect(Object.fromEntries(refused)).toEqual({});
  });
});
