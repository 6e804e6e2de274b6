import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { integer, query } from './query.ts';

const first = query({}, (db) => db.selectFrom('ledger').select('seq').orderBy('seq').limit(1));
const some = query({ most: integer }, (db, { most }) =>
  db.selectFrom('ledger').select('seq').orderBy('seq').limit(most),
);

describe('a query with a limit', () => {
  it('has no parameter alone behind LIMIT for SQLite, which would plan it anew at each run', () => {
    expect(first.compiled('sqlite').sql).toMatch(/limit 1$/);
    expect(some.compiled('sqlite').sql).toMatch(/limit \? \+ 0$/);
    expect([first, some].map((one) => one.compiled('postgresql').sql)).toEqual([
      expect.stringMatching(/limit \$1$/),
      expect.stringMatching(/limit \$1$/),
    ]);
  });

  it('gives as many rows as it is told each time', () => {
    const db = new DatabaseSync(':memory:');
    db.exec('CREATE TABLE ledger (seq INTEGER); INSERT INTO ledger VALUES (1), (2), (3)');
    const { sql, bind } = some.compiled('sqlite');
    const statement = db.prepare(sql);
    expect([2, 1, 0, 9].map((most) => statement.all(...bind({ most })).length)).toEqual([2, 1, 0, 3]);
    expect(db.prepare(first.compiled('sqlite').sql).all(...first.compiled('sqlite').bind({}))).toEqual([{ seq: 1 }]);
    db.close();
  });
});
