import { describe, expect, it } from 'vitest';
import { dialerRules } from './app-trunks.ts';
import { settingsSchema } from './config/settings.ts';

describe('what the guard knows of dialers', () => {
  const teardowns = (dialers: object) => {
    const known = dialerRules(settingsSchema.parse({ dialers })).dialers;
    return Object.fromEntries(known.map(({ name, teardown }) => [name, teardown]));
  };

  it('is whether each one’s teardown is enforced, the dialer without a name included', () => {
    const named = [
      { name: 'new', sources: ['192.0.2.1'], teardown: 'observe' },
      { name: 'old', sources: ['192.0.2.2'] },
    ];
    expect(teardowns({ named })).toEqual({ new: 'observe', old: 'enforce', default: 'enforce' });
    expect(teardowns({ named, teardown: 'observe' })).toEqual({ new: 'observe', old: 'enforce', default: 'observe' });
  });
});
