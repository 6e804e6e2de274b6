import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createAmiParser } from '../../../src/agents/asterisk/ami-message.ts';
import { BridgeWitness } from './bridge-witness.ts';

const FIXTURES = new URL('../../../src/agents/asterisk/fixtures/', import.meta.url);

/** A captured stream under the names that the runner gives its trunk and its agents, with the stamps it asks for. */
function witnessOf(fixture: string): { readonly witness: BridgeWitness; readonly calls: readonly string[] } {
  const text = gunzipSync(readFileSync(new URL(`${fixture}.ami.txt.gz`, FIXTURES)))
    .toString('utf8')
    .replaceAll('PJSIP/guard-', 'PJSIP/brusio-')
    .replaceAll('PJSIP/agent-', 'PJSIP/agent07-');
  const witness = new BridgeWitness();
  const calls: string[] = [];
  for (const input of createAmiParser().push(Buffer.from(text))) {
    if (input.type !== 'message') continue;
    witness.take(input.message);
    if (input.message.get('Event') === 'Newchannel') calls.push(input.message.get('Linkedid') ?? '');
  }
  return { witness, calls };
}

describe('the witness of bridges', () => {
  it.each([
    'ami-originate-then-dial',
    'queue',
    'confbridge',
    'ari-holding-then-mixing-bridge',
    'ari-one-mixing-bridge',
    'ami-bridge-action',
    'bridgewait-then-redirect',
    'local-originate-then-dial',
    'local-originate-optimized',
  ])('sees the agent in %s', (fixture) => {
    const { witness, calls } = witnessOf(fixture);
    expect(calls.map((call) => witness.meeting(call)?.agent).filter((agent) => agent !== undefined)).toContain(
      'PJSIP/agent07',
    );
  });

  it('sees nobody before the agent is there: waiting in a holding bridge, or alone', () => {
    const witness = new BridgeWitness();
    const take = (event: Readonly<Record<string, string>>) => {
      const text = Object.entries(event).map(([name, value]) => `${name}: ${value}\r\n`);
      for (const input of createAmiParser().push(Buffer.from(`${text.join('')}\r\n`)))
        if (input.type === 'message') witness.take(input.message);
    };
    const [customer, agent] = ['PJSIP/brusio-00000001', 'PJSIP/anna-00000002'];
    take({ Event: 'Newchannel', Channel: customer, Linkedid: 'call' });
    const hold = { Event: 'BridgeEnter', BridgeTechnology: 'holding_bridge', BridgeUniqueid: 'hold', Timestamp: '1.5' };
    take({ ...hold, Channel: customer });
    take({ ...hold, Channel: agent });
    expect(witness.meeting('call')).toBeNull();
    const talk = { ...hold, BridgeTechnology: 'simple_bridge', BridgeUniqueid: 'talk' };
    take({ ...talk, Channel: customer });
    expect(witness.meeting('call')).toBeNull();
    take({ ...talk, Channel: agent, Timestamp: '2.25' });
    expect(witness.meeting('call')).toEqual({ at: 2_250, agent: 'PJSIP/anna' });
  });
});
