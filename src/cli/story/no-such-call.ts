/** Says so; the exit status. */
export function noSuchCall(ref: string): number {
  process.stderr.write(`brusio: there is no call ${ref} that has ended\n`);
  return 1;
}
