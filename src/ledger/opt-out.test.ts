import { describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { canonicalJson } from './canonical-json.ts';
import type { LedgerBody } from './ledger-body.ts';
import { type OptOutRow, optOutDraft, optOutRow } from './opt-out.ts';
import { checkBody, placeIn } from './verify/body-check.ts';
import { optOutProblem } from './verify/opt-out-check.ts';

const AT = '2026-11-22T09:00:00.000Z';
const SAID: Omit<LedgerBody<'opt-out'>, 'v'> = {
  ...{ callId: null, move: 'add', scope: 'luce', digest: 'd1', at: AT, source: 'command', reference: 'letter 7' },
  removes: [],
};

function placed(seq: number, bent: Partial<LedgerBody<'opt-out'>> = {}, chain = 'guard-1') {
  const body = optOutDraft({ ...SAID, ...bent }).body as unknown as LedgerBody<'opt-out'>;
  return { chain, seq, body };
}

const rowOf = ({ body, ...place }: ReturnType<typeof placed>) => {
  const row = optOutRow(body, place);
  if (row === null) throw new Error('it takes some back');
  return row;
};

describe('the entry of an opt-out', () => {
  it('fits its schema, with a call and without', () => {
    for (const callId of ['0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10', null]) {
      const { body } = optOutDraft({ ...SAID, callId });
      const checked = checkBody('opt-out', canonicalJson(body));
      if ('problem' in checked) throw new Error(checked.problem);
      expect(checked.parts[placeIn('opt-out', 'callId')] ?? null).toBe(callId);
    }
  });
});

describe('the rows of opt-outs', () => {
  const [first, second] = [placed(1), placed(1, { digest: 'd2' }, 'guard-2')];
  const removal = placed(2, { move: 'remove', removes: [{ chain: 'guard-2', seq: 1 }] });

  it('are those that no entry takes back, in whatever order processes wrote', () => {
    for (const entries of [
      [first, second, removal],
      [removal, second, first],
    ])
      expect(optOutProblem(entries, [rowOf(first)])).toBeNull();
  });

  const faults: readonly (readonly [string, readonly OptOutRow[]])[] = [
    ['a row that is gone', []],
    ['a row that was taken back', [rowOf(first), rowOf(second)]],
    ['a row of no entry', [rowOf(first), { ...rowOf(first), seq: 9 }]],
    ['the same row twice', [rowOf(first), rowOf(first)]],
    ['another time', [{ ...rowOf(first), at: 1 as WallMs }]],
    ...(['scope', 'digest', 'source', 'callId', 'reference'] as const).map(
      (column) => [`another ${column}`, [{ ...rowOf(first), [column]: 'x' }]] as const,
    ),
  ];
  it.each(faults)('are found out by %s', (_, rows) => {
    expect(optOutProblem([first, second, removal], rows)).not.toBeNull();
  });
});
