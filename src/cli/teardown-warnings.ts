import type { Settings } from '../config/settings.ts';

/** Dialers whose calls are not torn down as the law wants. Comment lines behind the YAML; '' when there are none. */
export function teardownWarnings({ dialers }: Settings): string {
  const observed = [
    ...(dialers.teardown === 'observe' ? ['dialers.teardown: the dialers of dialers.sources'] : []),
    ...dialers.named.flatMap(({ name, teardown }, index) =>
      teardown === 'observe' ? [`dialers.named[${index}].teardown: ${name}`] : [],
    ),
  ];
  if (observed.length === 0) return '';
  const head = '# Calls without an agent are only watched, and not torn down (observe):';
  return ['', head, ...observed.map((one) => `#   ${one}`), ''].join('\n');
}
