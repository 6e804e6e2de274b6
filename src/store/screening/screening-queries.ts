/** The SQL of cleared lists. */
import { sql } from 'kysely';
import { integer, octets, query, text } from '../query.ts';

/**
 * The list in force of a controller, and where the key (8 octets) stands in the one of its blocks that would hold it: the octet
 * at which it is first found, from 1; 0: nowhere; null: no block begins at or before it.
 */
export const selectPlaceOf = query({ controller: text, key: octets }, (db, { controller, key }, kind) =>
  db
    .selectFrom('screening_lists as list')
    .select((eb) => [
      'list.list_id',
      'list.checked_at_ms',
      eb
        .selectFrom('screening_blocks as block')
        .select(
          (kind === 'sqlite'
            ? sql<number>`instr(block.digests, ${key})`
            : sql<number>`position(${key}::bytea in block.digests)`
          ).as('place'),
        )
        .whereRef('block.list_id', '=', 'list.list_id')
        .where('block.first', '<=', key)
        .orderBy('block.first', 'desc')
        .limit(1)
        .as('place'),
    ])
    .where('list.controller', '=', controller)
    // Written out: the partial index is used only where the query says so.
    .where(sql<boolean>`list."current" = 1`),
);

/** That block. */
export const selectBlockOf = query({ list: text, key: octets }, (db, { list, key }) =>
  db
    .selectFrom('screening_blocks')
    .select('digests')
    .where('list_id', '=', list)
    .where('first', '<=', key)
    .orderBy('first', 'desc')
    .limit(1),
);

/** All lists in force. */
export const selectLists = query({}, (db) =>
  db.selectFrom('screening_lists').selectAll().where(sql<boolean>`"current" = 1`).orderBy('controller'),
);

/** The one of a controller. */
export const selectListOf = query({ controller: text }, (db, { controller }) =>
  db.selectFrom('screening_lists').selectAll().where('controller', '=', controller).where(sql<boolean>`"current" = 1`),
);

/** A list that is being written: not in force. */
export const insertList = query(
  {
    list: text,
    controller: text,
    checkedAtMs: integer,
    expiresAtMs: integer,
    numbers: integer,
    sha256: text,
    fileName: text,
    importedAtMs: integer,
    keyId: text,
  },
  (db, values) =>
    db.insertInto('screening_lists').values({
      list_id: values.list,
      controller: values.controller,
      checked_at_ms: values.checkedAtMs,
      expires_at_ms: values.expiresAtMs,
      numbers: values.numbers,
      sha256: values.sha256,
      file_name: values.fileName,
      imported_at_ms: values.importedAtMs,
      key_id: values.keyId,
      current: 0,
    }),
);

/** One of its blocks. */
export const insertBlock = query({ list: text, first: octets, digests: octets }, (db, { list, first, digests }) =>
  db.insertInto('screening_blocks').values({ list_id: list, first, digests }),
);

/** The controller's list, if there is one, is not in force any more … */
export const retireListOf = query({ controller: text }, (db, { controller }) =>
  db
    .updateTable('screening_lists')
    .set({ current: 0 })
    .where('controller', '=', controller)
    .where(sql<boolean>`"current" = 1`),
);

/** … and this one is. */
export const putInForce = query({ list: text, importedAtMs: integer }, (db, { list, importedAtMs }) =>
  db.updateTable('screening_lists').set({ current: 1, imported_at_ms: importedAtMs }).where('list_id', '=', list),
);

/** Lists that are not in force and that nobody is writing any more. */
export const selectLeftLists = query({ before: integer }, (db, { before }) =>
  db
    .selectFrom('screening_lists')
    .select('list_id')
    .where('imported_at_ms', '<', before)
    .where(sql<boolean>`"current" = 0`),
);

/** Some of a list's blocks. */
export const deleteBlocks = query({ list: text, most: integer }, (db, { list, most }) =>
  db
    .deleteFrom('screening_blocks')
    .where('list_id', '=', list)
    .where('first', 'in', (eb) =>
      eb.selectFrom('screening_blocks').select('first').where('list_id', '=', list).orderBy('first').limit(most),
    ),
);

/** A list that has no blocks any more; one in force stays. */
export const deleteList = query({ list: text }, (db, { list }) =>
  db.deleteFrom('screening_lists').where('list_id', '=', list).where(sql<boolean>`"current" = 0`),
);
