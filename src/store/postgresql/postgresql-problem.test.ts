import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { faultOf } from './postgresql-problem.ts';

function failed(code: string): DatabaseError {
  const error = new DatabaseError('failed', 0, 'error');
  error.code = code;
  return error;
}

describe('a query that PostgreSQL refused', () => {
  it.each([
    ['23505', 'a broken constraint', 'entry'],
    ['22021', 'octets that are no text', 'entry'],
    ['54000', 'a value too long for its index', 'entry'],
    ['53100', 'a full disk', 'world'],
    ['53300', 'too many sessions', 'world'],
    ['40P01', 'a deadlock', 'world'],
    ['55P03', "another process's lock", 'world'],
    ['57P01', 'a server that stops', 'connection'],
    ['25006', 'a standby since a failover', 'connection'],
    ['42P01', 'a table that is gone', 'connection'],
  ])('%s, %s, is the fault of the %s', (code, _what, fault) => {
    expect(faultOf(failed(code))).toBe(fault);
  });

  it("is the values' fault when it never reached the server", () => {
    expect(faultOf(new TypeError('cannot be bound'))).toBe('entry');
  });
});
