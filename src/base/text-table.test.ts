import { expect, it } from 'vitest';
import { textTable } from './text-table.ts';

it('a table has its figures to the right, text and days to the left, and no blanks at the end of a line', () => {
  const rows = [
    ['luce', '2026-10-20', '1,204', '0.5 %'],
    ['3 Italia', '2026-10-21', '7', '–'],
  ];
  expect(textTable(['campaign', 'day', 'calls', 'P'], rows)).toEqual([
    'campaign  day         calls  P',
    'luce      2026-10-20  1,204  0.5 %',
    '3 Italia  2026-10-21      7      –',
  ]);
});
