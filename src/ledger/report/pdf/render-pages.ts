/** Puts blocks on pages: A4, PDF/A-2b (ISO 19005-2), its fonts within it, the same octets for the same report. */
import { fileURLToPath } from 'node:url';
import PDFDocument from 'pdfkit';
import type { PageBlock, PageColumn } from './page-block.ts';

/** What is on every page, and in the file's properties. */
export type PageFrame = {
  readonly title: string;
  readonly subtitle: string;
  readonly subject: string;
  /** BCP 47. */
  readonly locale: string;
  /** When the report was made: the file's own date. */
  readonly madeAt: string;
  readonly footer: string;
  readonly pageOf: (page: number, pages: number) => string;
};

const FONTS = {
  plain: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  bold: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
  mono: 'dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf',
} as const;

/** In points, 72 to the inch. */
const MARGIN = { top: 56, bottom: 62, left: 54, right: 54 };
const CELL = { x: 4, y: 3 };
const SIZE = { title: 18, heading: 11.5, lead: 10.5, text: 9, small: 8, table: 8, mono: 7 };
/** A heading stands over at least so much of what follows it. */
const HEADING_NEEDS = 70;
const INK = '#1a1a1a';
const FADED = '#5a5a5a';
const ALARM = '#a01818';
const RULE = '#c4c4c4';
const BAND = '#f1f1ee';

type Document = InstanceType<typeof PDFDocument>;

/** The octets of the document. */
export function renderPages(blocks: readonly PageBlock[], frame: PageFrame): Promise<Buffer> {
  const made = new Date(frame.madeAt);
  const doc = new PDFDocument({
    size: 'A4',
    margins: MARGIN,
    // PDF/A-2 is PDF 1.7; what is written by pdfkit as `subset` its types know only in part.
    pdfVersion: '1.7',
    subset: 'PDF/A-2b',
    lang: frame.locale,
    displayTitle: true,
    bufferPages: true,
    info: {
      Title: `${frame.title}: ${frame.subtitle}`,
      Subject: frame.subject,
      Author: 'Brusio',
      CreationDate: made,
      ModDate: made,
    },
  } as PDFKit.PDFDocumentOptions);
  const chunks: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  doc.on('end', () => resolve(Buffer.concat(chunks)));
  doc.on('error', reject);
  for (const [name, path] of Object.entries(FONTS)) doc.registerFont(name, fileURLToPath(import.meta.resolve(path)));

  doc.font('bold').fontSize(SIZE.title).fillColor(INK).text(frame.title);
  doc.font('plain').fontSize(SIZE.lead).fillColor(FADED).text(frame.subtitle);
  doc.moveDown(0.8);
  for (const block of blocks) putBlock(doc, block);
  putFooters(doc, frame);
  doc.end();
  return promise;
}

function putBlock(doc: Document, block: PageBlock): void {
  if (block.type === 'heading') {
    if (roomLeft(doc) < HEADING_NEEDS) doc.addPage();
    else doc.moveDown(0.9);
    doc.font('bold').fontSize(SIZE.heading).fillColor(INK).text(block.text, MARGIN.left);
    doc.moveDown(0.3);
  } else if (block.type === 'paragraph') putParagraph(doc, block);
  else if (block.type === 'facts') putFacts(doc, block.facts);
  else putTable(doc, block.columns, block.rows, block.loud ?? new Set());
}

function putParagraph(doc: Document, { text, look }: Extract<PageBlock, { type: 'paragraph' }>): void {
  const looks = {
    lead: ['bold', SIZE.lead, INK],
    alarm: ['bold', SIZE.text, ALARM],
    small: ['plain', SIZE.small, FADED],
    mono: ['mono', SIZE.small, INK],
    label: ['bold', SIZE.text, FADED],
    text: ['plain', SIZE.text, INK],
  } as const;
  const [font, size, colour] = looks[look ?? 'text'];
  if (look === 'label' && roomLeft(doc) < HEADING_NEEDS) doc.addPage();
  doc.font(font).fontSize(size).fillColor(colour).text(text, MARGIN.left, doc.y, { lineGap: 1.5 });
  doc.moveDown(0.45);
}

function putFacts(doc: Document, facts: readonly (readonly [string, string])[]): void {
  const width = widthOf(doc);
  const labelWidth = width * 0.27;
  for (const [label, text] of facts) {
    doc.font('plain').fontSize(SIZE.text);
    const height = doc.heightOfString(text, { width: width - labelWidth });
    if (roomLeft(doc) < height) doc.addPage();
    const { y } = doc;
    doc.fillColor(FADED).text(label, MARGIN.left, y, { width: labelWidth - 8 });
    const below = doc.y;
    doc.fillColor(INK).text(text, MARGIN.left + labelWidth, y, { width: width - labelWidth });
    doc.y = Math.max(below, doc.y) + 2.5;
    doc.x = MARGIN.left;
  }
  doc.moveDown(0.3);
}

function putTable(
  doc: Document,
  columns: readonly PageColumn[],
  rows: readonly (readonly string[])[],
  loud: ReadonlySet<number>,
): void {
  const shares = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (share * widthOf(doc)) / shares);
  const titles = columns.map(({ title }) => title);
  const fontOf = (column: PageColumn | undefined, isBold: boolean) =>
    isBold ? 'bold' : column?.mono ? 'mono' : 'plain';
  const heightOf = (cells: readonly string[], isBold: boolean) =>
    Math.max(
      ...cells.map((cell, at) => {
        const column = columns[at];
        doc.font(fontOf(column, isBold)).fontSize(column?.mono === true && !isBold ? SIZE.mono : SIZE.table);
        return doc.heightOfString(cell, { width: (widths[at] ?? 0) - 2 * CELL.x });
      }),
    ) +
    2 * CELL.y;

  function putRow(cells: readonly string[], look: 'title' | 'band' | 'plain', isLoud: boolean): void {
    const isBold = look === 'title' || isLoud;
    const height = heightOf(cells, isBold);
    const { y } = doc;
    if (look === 'band') doc.rect(MARGIN.left, y, widthOf(doc), height).fill(BAND);
    let x = MARGIN.left;
    for (const [at, cell] of cells.entries()) {
      const column = columns[at];
      const width = widths[at] ?? 0;
      doc
        .font(fontOf(column, isBold))
        .fontSize(column?.mono === true && !isBold ? SIZE.mono : SIZE.table)
        .fillColor(look === 'title' ? FADED : isLoud ? ALARM : INK)
        .text(cell, x + CELL.x, y + CELL.y, { width: width - 2 * CELL.x, align: column?.align ?? 'left' });
      x += width;
    }
    if (look === 'title')
      doc
        .moveTo(MARGIN.left, y + height)
        .lineTo(MARGIN.left + widthOf(doc), y + height)
        .lineWidth(0.6)
        .stroke(RULE);
    doc.y = y + height;
    doc.x = MARGIN.left;
  }

  const titleHeight = heightOf(titles, true);
  const first = rows[0];
  if (roomLeft(doc) < titleHeight + (first === undefined ? 0 : heightOf(first, true))) doc.addPage();
  putRow(titles, 'title', false);
  for (const [index, cells] of rows.entries()) {
    if (roomLeft(doc) < heightOf(cells, loud.has(index))) {
      doc.addPage();
      putRow(titles, 'title', false);
    }
    putRow(cells, index % 2 === 1 ? 'band' : 'plain', loud.has(index));
  }
  doc.moveDown(0.7);
}

function putFooters(doc: Document, { footer, pageOf }: PageFrame): void {
  const { start, count } = doc.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    doc.switchToPage(page);
    // Below the margin, where text would go to a next page by itself.
    const { bottom } = doc.page.margins;
    doc.page.margins.bottom = 0;
    const y = doc.page.height - 40;
    const options = { width: widthOf(doc), lineBreak: false };
    doc.font('plain').fontSize(SIZE.mono).fillColor(FADED);
    doc.text(footer, MARGIN.left, y, options);
    doc.text(pageOf(page - start + 1, count), MARGIN.left, y, { ...options, align: 'right' });
    doc.page.margins.bottom = bottom;
  }
}

function widthOf(doc: Document): number {
  return doc.page.width - MARGIN.left - MARGIN.right;
}

function roomLeft(doc: Document): number {
  return doc.page.height - MARGIN.bottom - doc.y;
}
