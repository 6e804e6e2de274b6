import { jurisdictionsInUse } from '../config/campaign-jurisdictions.ts';
import type { Settings } from '../config/settings.ts';
import { fromMemoryOf } from '../policy/jurisdictions/from-memory.ts';

/** Rules that rest on memory, or that are not in force. Comment lines behind the YAML; '' when there are none. */
export function lawWarnings(settings: Settings, today: string): string {
  const laws = jurisdictionsInUse(settings);
  const remembered = laws.flatMap((law) =>
    fromMemoryOf(law).map(({ path, citation }) => `#   ${law.name} ${path}: ${citation}`),
  );
  const over = laws
    .filter(({ effective: { to } }) => to !== null && to < today)
    .map(({ name, effective: { to, note } }) => `#   ${name}: to ${to}; ${note}`);
  return [
    ...(remembered.length === 0
      ? []
      : ['', '# Rest on memory: look at their sources before a campaign is run by them:']),
    ...remembered,
    ...(over.length === 0 ? [] : ['', '# Figures that are not in force any more:']),
    ...over,
    ...(remembered.length + over.length === 0 ? [] : ['']),
  ].join('\n');
}
