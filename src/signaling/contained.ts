/**
 * A listener that never throws. drachtio-srf calls listeners from its socket handler: what they throw would end the
 * process, and every call with it. What is wrong with one call ends that call.
 */
export function contained<A extends unknown[]>(
  failed: (thrown: unknown) => void,
  listener: (...parts: A) => void,
): (...parts: A) => void {
  return (...parts) => {
    try {
      listener(...parts);
    } catch (thrown) {
      failed(thrown);
    }
  };
}
