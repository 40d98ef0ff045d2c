/** Texts in PEM form (RFC 7468): finding the blocks in them. */

/** One block of a PEM text. */
export interface PemBlock {
  /** What stands behind BEGIN, e.g. `"CERTIFICATE"`. */
  readonly label: string;
  /** The block with its two border lines. */
  readonly text: string;
}

/**
 * The blocks of a text in their order. What stands between them is ignored, as everywhere; a block without its end is not
 * one. What is inside is not looked at.
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let start = text.indexOf(BEGIN); start >= 0; ) {
    const labelEnd = text.indexOf(BORDER, start + BEGIN.length);
    if (labelEnd < 0) break;
    const label = text.slice(start + BEGIN.length, labelEnd);
    const end = `-----END ${label}${BORDER}`;
    const endAt = LABEL.test(label) ? text.indexOf(end, labelEnd) : -1;
    if (endAt >= 0) blocks.push({ label, text: `${text.slice(start, endAt + end.length)}\n` });
    start = text.indexOf(BEGIN, endAt >= 0 ? endAt + end.length : labelEnd);
  }
  return blocks;
}

const BEGIN = '-----BEGIN ';
const BORDER = '-----';
const LABEL = /^[A-Z0-9 ]{1,40}$/;
