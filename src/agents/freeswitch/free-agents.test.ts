import { describe, expect, it } from 'vitest';
import { countFreeAgents } from './free-agents.ts';

/** The columns of FreeSWITCH 1.11's table `agents`. */
const HEAD =
  'name|instance_id|uuid|type|contact|status|state|max_no_answer|wrap_up_time|reject_delay_time|busy_delay_time|no_answer_delay_time|last_bridge_start|last_bridge_end|last_offered_call|last_status_change|no_answer_count|calls_answered|talk_time|ready_time|external_calls_count';

function agent(more: Record<string, string> = {}): string {
  const cells: Record<string, string> = { status: 'Available', state: 'Waiting', contact: 'user/1001', ...more };
  return HEAD.split('|')
    .map((column) => cells[column] ?? '0')
    .join('|');
}

const count = (...agents: readonly string[]) => countFreeAgents(`${[HEAD, ...agents].join('\n')}\n+OK\n`, 1_000);

describe('free agents in a listing of mod_callcenter', () => {
  it('are those whom the module would call', () => {
    expect(count(agent(), agent({ status: 'Available (On Demand)' }))).toBe(2);
  });

  it.each([
    ['on a break', { status: 'On Break' }],
    ['logged out', { status: 'Logged Out' }],
    ['on a call', { state: 'In a queue call' }],
    ['being called', { state: 'Receiving' }],
    ['idle', { state: 'Idle' }],
    ['on a call of another kind', { external_calls_count: '1' }],
    ['still wrapping up', { wrap_up_time: '30', last_bridge_end: '970' }],
    ['to be left alone for a while', { ready_time: '1001' }],
  ])('are none who is %s', (_why, cells: Record<string, string>) => {
    expect(count(agent(cells), agent())).toBe(1);
  });

  it('are free again the second after', () => {
    expect(count(agent({ wrap_up_time: '30', last_bridge_end: '969', ready_time: '1000' }))).toBe(1);
  });

  it('may have a bar in their dial string', () => {
    expect(count(agent({ contact: '[x=1]user/1001|user/1002|user/1003' }))).toBe(1);
  });

  it('of an empty queue are none, and of what is no listing unknown', () => {
    expect(countFreeAgents('+OK\n', 0)).toBe(0);
    for (const text of ['', '-ERR no such queue', 'name|contact\na|b\n', '||||']) {
      expect(countFreeAgents(text, 0)).toBeNull();
    }
    expect(count('short|line', '', agent())).toBe(1);
  });
});
