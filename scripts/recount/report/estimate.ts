/**
 * Machines in the share of silent calls, as POLICY §3 has it of the United Kingdom: with detection the people among those that it took
 * for machines are added; without it as large a part of the drops is taken out as agents heard machines.
 */

/** What is known of machines in a period. */
export type MachineCounts = {
  readonly silent: number;
  readonly handled: number;
  /** Reported, and no agent was there; reported, and one was. */
  readonly found: number;
  readonly heard: number;
};

/** An estimate of the settings. */
export type Estimate = { readonly percent: number; readonly evidence: string } | null;

/** How machines enter: `found` by detection, `heard` by agents alone; null: not. */
export type MachinesIn = 'found' | 'heard' | null;

/** Both sides of the share: silent calls, and all that they are a share of. */
export function sidesOf(counts: MachineCounts, machines: MachinesIn, estimate: Estimate): readonly [number, number] {
  const { silent, handled, found, heard } = counts;
  if (machines === 'heard') return [silent + found, silent + found + heard + handled];
  const added = machines === 'found' ? peopleAmong(found, estimate) : 0;
  return [silent + added, silent + added + handled];
}

/** The same without what is estimated. */
export function plainSides({ silent, handled, found }: MachineCounts, machines: MachinesIn): readonly [number, number] {
  const drops = machines === 'heard' ? silent + found : silent;
  return [drops, drops + handled];
}

/** Hundredths of a per cent of so many, a part of one being one. */
export function peopleAmong(machines: number, estimate: Estimate): number {
  if (estimate === null) return 0;
  const tenThousandths = BigInt(machines) * BigInt(Math.round(estimate.percent * 100));
  return Number((tenThousandths + 9_999n) / 10_000n);
}

/** What the report tells of it. */
export function estimateOf(counts: MachineCounts, machines: 'found' | 'heard', estimate: Estimate) {
  const { silent, handled, found, heard } = counts;
  if (machines === 'found')
    return {
      ...{ method: 'false-positives', machinesFound: found, machinesHeard: heard },
      ...{ percent: estimate?.percent ?? null, evidence: estimate?.evidence ?? null },
      ...{ added: peopleAmong(found, estimate), deducted: null, missing: found > 0 && estimate === null },
    };
  const connected = BigInt(heard + handled);
  const thousandths = connected === 0n ? 0n : (BigInt(silent + found) * BigInt(heard) * 1_000n) / connected;
  const digits = String(thousandths).padStart(4, '0');
  return {
    ...{ method: 'agents-machines', machinesFound: found, machinesHeard: heard, percent: null, evidence: null },
    ...{ added: found, deducted: `${digits.slice(0, -3)}.${digits.slice(-3)}`, missing: false },
  };
}
