import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASTERISK_CAPTURES, amiCapture } from '../testing/asterisk-captures.ts';
import { type AmiInput, amiAction, createAmiParser, MESSAGE_OCTETS_MAX } from './ami-message.ts';

function parse(...pieces: readonly (Buffer | string)[]): readonly AmiInput[] {
  const parser = createAmiParser();
  return pieces.flatMap((piece) => parser.push(Buffer.from(piece)));
}

/** What can be compared: the headers asked for, of every message. */
function shown(inputs: readonly AmiInput[]) {
  return inputs.map((input) =>
    input.type === 'message'
      ? [input.message.get('Event'), input.message.get('Uniqueid'), input.message.all('ChanVariable')]
      : input.type,
  );
}

describe('the manager interface', () => {
  it('greets, and sends headers whose names have any case and may come more than once', () => {
    const inputs = parse(
      'Asterisk Call Manager/11.0.0\r\n',
      'Event: Newchannel\r\nChannel: PJSIP/anna-00000001\r\nCallerIDName: Anna: R&D\r\nChanVariable: A=1\r\n',
      'ChanVariable: B=\r\nExten:\r\n\r\n',
    );
    expect(inputs[0]).toEqual({ type: 'greeting', text: 'Asterisk Call Manager/11.0.0' });
    const message = inputs[1]?.type === 'message' ? inputs[1].message : null;
    expect(message?.get('callerIDNAME')).toBe('Anna: R&D');
    expect(message?.all('ChanVariable')).toEqual(['A=1', 'B=']);
    expect(message?.get('Exten')).toBe('');
    expect(message?.get('Context')).toBeNull();
    expect(inputs).toHaveLength(2);
  });

  it('is read the same in pieces of any length', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ASTERISK_CAPTURES),
        fc.array(fc.integer({ min: 1, max: 3000 })),
        (capture, cuts) => {
          const octets = amiCapture(capture.name).subarray(0, 20_000);
          const pieces: Buffer[] = [];
          let from = 0;
          for (const length of cuts) {
            pieces.push(octets.subarray(from, from + length));
            from += length;
          }
          pieces.push(octets.subarray(from));
          expect(shown(parse(...pieces))).toEqual(shown(parse(octets)));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is read on after a message that is too long, wherever the pieces end', () => {
    const long = `Event: VarSet\r\nValue: ${'x'.repeat(MESSAGE_OCTETS_MAX)}\r\nUniqueid: 1\r\n\r\n`;
    const next = 'Event: Hangup\r\nUniqueid: 2\r\n\r\n';
    const whole = Buffer.from(long + next);
    for (const cut of [
      1,
      20,
      30_000,
      long.length - 20,
      long.length - 4,
      long.length - 3,
      long.length - 2,
      long.length - 1,
    ]) {
      expect(shown(parse(whole.subarray(0, cut), whole.subarray(cut))), String(cut)).toEqual([
        'malformed',
        ['Hangup', '2', []],
      ]);
    }
  });

  it('is malformed where a line is no header, and never throws, whatever the octets', () => {
    expect(shown(parse('Event: A\r\nno header\r\n\r\n'))).toEqual(['malformed', ['A', null, []]]);
    expect(shown(parse('HTTP/1.1 400 Bad Request\r\n\r\n'))).toEqual(['malformed']);
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 200 })),
        (pieces) => void parse(...pieces.map((one) => Buffer.from(one))),
      ),
    );
  });

  it('is asked with one header a line, whatever a value holds', () => {
    expect(amiAction('Login', { Username: 'a\r\nAction: Command', Events: 'on' })).toBe(
      'Action: Login\r\nUsername: aAction: Command\r\nEvents: on\r\n\r\n',
    );
  });
});
