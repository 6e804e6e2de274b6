import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { groups } = parse(readFileSync(`${ROOT}/deploy/prometheus-alerts.yaml`, 'utf8')) as {
  groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
};
const rules = groups.flatMap((group) => group.rules);

/** Every metric that the program writes: its name, and for those made of parts what they begin with. */
const written = readdirSync(`${ROOT}/src`)
  .filter((name) => /^app-.*\.ts$/.test(name))
  .flatMap((name) => [...readFileSync(`${ROOT}/src/${name}`, 'utf8').matchAll(/['`](brusio_[a-z_]+)(\$?)/g)])
  .map(([, name = '', goesOn = '']) => ({ name, isBeginning: goesOn === '$' }));

describe('deploy/prometheus-alerts.yaml', () => {
  it.each(rules)('$alert asks for metrics that there are, and says what to do', ({ expr, annotations }) => {
    const asked = [...expr.matchAll(/brusio_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, ''));
    expect(asked.length).toBeGreaterThan(0);
    for (const name of asked) {
      const known = written.some((one) => (one.isBeginning ? name.startsWith(one.name) : name === one.name));
      expect(known, `${name} is no metric`).toBe(true);
    }
    expect(annotations).toMatchObject({ summary: expect.any(String), description: expect.any(String) });
  });
});
