/** What a jurisdiction says, as a list that can be read: every figure with its source, and what rests on memory. Pure. */

/** One figure or rule. */
export type CitedFigure = {
  /** Where it stands in the rules, such as `ratio.window`. */
  readonly rule: string;
  readonly value: string | number | boolean | null;
  readonly citation: string;
  /** What is read in the text where it leaves room; null: these are its words. */
  readonly reading: string | null;
  /** Whether it was not looked up again in its source. */
  readonly fromMemory: boolean;
};

/** Everything in the rules that has a citation, in the order in which they stand there. */
export function citedFigures(law: object): readonly CitedFigure[] {
  const found: CitedFigure[] = [];
  visit(law, '', found);
  return found;
}

function visit(value: unknown, path: string, found: CitedFigure[]): void {
  if (typeof value !== 'object' || value === null) return;
  const { citation, reading, fromMemory, value: said, required } = value as Record<string, unknown>;
  if (typeof citation === 'string') {
    found.push({
      ...{ rule: path, value: shown(said ?? required ?? null), citation },
      reading: typeof reading === 'string' ? reading : null,
      fromMemory: fromMemory === true,
    });
  }
  for (const [key, inner] of Object.entries(value)) visit(inner, path === '' ? key : `${path}.${key}`, found);
}

function shown(value: unknown): CitedFigure['value'] {
  if (typeof value === 'object' && value !== null) {
    const { silent, of, kind, days } = value as Readonly<Record<string, unknown>>;
    if (kind === 'blocks' && typeof days === 'number') return days;
    if (typeof kind === 'string') return kind;
    if (typeof silent === 'number' && typeof of === 'number') return `${silent}/${of}`;
    return JSON.stringify(value);
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
