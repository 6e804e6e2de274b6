import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { settingsSchema } from '../../config/settings.ts';
import { withDatabase } from './settings-database.ts';

it('a folder without a database is named, and none is made in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-none-'));
  try {
    const settings = settingsSchema.parse({ data: { dir: folder } });
    await expect(withDatabase(settings, () => Promise.resolve())).rejects.toThrow(
      `there is no database ${join(folder, 'brusio.db')}: name its folder by data.dir or BRUSIO_DATA`,
    );
    expect(existsSync(join(folder, 'brusio.db'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
