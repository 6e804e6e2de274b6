/**
 * The Kaiser window: as narrow as a filter's main lobe can be for its side lobes, which β decides. From IEEE 754's basic
 * operations alone, since samples of the shipped clips depend on it (`portable-math.ts`).
 */

/** The window at `position`, −1 to 1 with 0 in the middle; up to β = 10 its error is below 10⁻¹⁵. */
export function kaiser(position: number, beta: number): number {
  return besselI0(beta * Math.sqrt(Math.max(0, 1 - position * position))) / besselI0(beta);
}

/** The modified Bessel function of order 0, by its power series. */
function besselI0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; k < 40; k++) {
    term *= (x * x) / (4 * k * k);
    sum += term;
  }
  return sum;
}
