import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { groups } = parse(readFileSync(`${ROOT}/deploy/prometheus-alerts.yaml`, 'utf8')) as {
  groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
};
const rules = groups.flatMap((group) => group.rules);

type Panel = {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string; readonly refId: string }[];
};
const grafana = JSON.parse(readFileSync(`${ROOT}/deploy/grafana-dashboard.json`, 'utf8')) as {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
};

/** Every metric that the program writes: its name, and for those made of parts what they begin with. */
const written = readdirSync(`${ROOT}/src`)
  .filter((name) => /^app-.*\.ts$/.test(name))
  .flatMap((name) => [...readFileSync(`${ROOT}/src/${name}`, 'utf8').matchAll(/['`](brusio_[a-z_]+)(\$?)/g)])
  .map(([, name = '', goesOn = '']) => ({ name, isBeginning: goesOn === '$' }));

/** The metrics of a query in PromQL; all of them are ours. */
function expectKnownMetrics(expr: string): void {
  const asked = [...expr.matchAll(/brusio_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, ''));
  expect(asked.length).toBeGreaterThan(0);
  for (const name of asked) {
    const known = written.some((one) => (one.isBeginning ? name.startsWith(one.name) : name === one.name));
    expect(known, `${name} is no metric`).toBe(true);
  }
  const depth = [...expr].reduce((sum, sign) => sum + ('([{'.includes(sign) ? 1 : ')]}'.includes(sign) ? -1 : 0), 0);
  expect(depth, `brackets of ${expr}`).toBe(0);
}

describe('deploy/prometheus-alerts.yaml', () => {
  it.each(rules)('$alert asks for metrics that there are, and says what to do', ({ expr, annotations }) => {
    expectKnownMetrics(expr);
    expect(annotations).toMatchObject({ summary: expect.any(String), description: expect.any(String) });
  });
});

describe('deploy/grafana-dashboard.json', () => {
  it.each(grafana.panels)('$title asks for metrics that there are, of the chosen instances', ({ targets }) => {
    expect(targets.length).toBeGreaterThan(0);
    for (const { expr } of targets) {
      expectKnownMetrics(expr);
      const asked = [...expr.matchAll(/brusio_[a-z_]+/g)];
      expect([...expr.matchAll(/instance=~"\$instance"/g)]).toHaveLength(asked.length);
    }
  });

  it('has panels with ids of their own, none over another', () => {
    const { panels } = grafana;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, { gridPos: a }] of panels.entries())
      for (const { gridPos: b, title } of panels.slice(index + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(apart, title).toBe(true);
      }
  });

  it('lets one choose the Prometheus and the instances', () => {
    expect(grafana.templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance']);
    for (const { query } of grafana.templating.list.filter(({ name }) => name === 'instance'))
      expectKnownMetrics(query);
  });
});
