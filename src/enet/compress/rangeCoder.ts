/**
 * ENet's adaptive order-2 range coder: enet-protocol section 10, bit-exact. A slow twin written straight from the
 * text is test/reference/rangeCoder.ts; a property test holds the two equal.
 *
 * Memory: the model lives in arrays that are made once and shared by every coder of this thread. They hold nothing
 * between two calls. A new datagram resets only the root (1 KiB); nodes are initialised when they are created, so a
 * short datagram touches little memory.
 *
 * Long, because it is one hot loop each way: a model imported from a second module made both about 1.7 times slower
 * (Node 20), since only constants of the own module are folded into the code.
 *
 * About the `!` in this file: every index is a node offset handed out by this file, a byte value, or a position that
 * was compared with the end of its array, so no read can miss.
 */
import type { Compressor } from '../compressor.ts';

/**
 * The compressor of `COMPRESS_RANGE_CODER`. Input and output must not overlap.
 *
 * @returns a stateless compressor; one may serve any number of hosts of the same thread.
 */
export function createRangeCoder(): Compressor {
  return { name: 'range coder', compress: encode, decompress: decode };
}

/** enet-protocol 10.3, with 9.2's contract: 0 when the result would be longer than `outLimit`. */
function encode(
  input: Uint8Array,
  inStart: number,
  inEnd: number,
  output: Uint8Array,
  outStart: number,
  outLimit: number,
): number {
  const nodes = NODES;
  const inStop = Math.min(inEnd, input.length);
  const outStop = Math.min(outStart + outLimit, output.length);
  let out = outStart;
  let low = 0;
  let range = -1;
  let cursor = ROOT;
  let depth = 0;
  resetModel();

  for (let at = inStart; at < inStop; at++) {
    const value = input[at]!;
    let context = cursor;
    let firstInChain = 0;
    let lastInChain = 0;
    let isFound = false;
    do {
      let node: number;
      let start = 0;
      let width: number;
      let total: number;
      if (context === ROOT) {
        isFound = true;
        total = nodes[TOTAL]!;
        node = ROOT_CHILD[value]!;
        start = 1 + value + addToRoot(value);
        if (node === 0) {
          width = 1;
          node = createNode(value, ROOT_INCREMENT);
          ROOT_CHILD[value] = node;
        } else {
          const symbol = nodes[node]!;
          width = 1 + (symbol >> 8);
          nodes[node] = symbol + (ROOT_INCREMENT << 8);
        }
        nodes[TOTAL] = total + ROOT_INCREMENT;
        if (width > ROOT_MAX_FREQUENCY || total + ROOT_INCREMENT > MAX_TOTAL) rescaleRoot();
      } else {
        total = nodes[context + TOTAL]!;
        let escapeWeight = nodes[context + ESCAPE]!;
        width = 0;
        node = nodes[context + CHILDREN]!;
        if (node === 0) {
          node = createNode(value, INCREMENT);
          nodes[context + CHILDREN] = node;
        } else {
          let steps = 0;
          for (;;) {
            const symbol = nodes[node]!;
            const difference = value - (symbol & 0xff);
            if (difference === 0) {
              width = symbol >> 8;
              const under = nodes[node + UNDER]!;
              start += escapeWeight + under - width;
              nodes[node + UNDER] = under + INCREMENT;
              nodes[node] = symbol + (INCREMENT << 8);
              break;
            }
            let link: number;
            if (difference < 0) {
              nodes[node + UNDER]! += INCREMENT;
              link = node + LESS;
            } else {
              start += nodes[node + UNDER]!;
              link = node + MORE;
            }
            node = nodes[link]!;
            if (node === 0) {
              node = createNode(value, INCREMENT);
              nodes[link] = node;
              if (steps > MAX_STEPS) rebalance(context);
              break;
            }
            steps++;
          }
        }
        let newTotal = total + INCREMENT;
        if (width === 0) {
          // Nothing was coded here yet, or the symbol is new: say so, unless the context has no escape range.
          start = 0;
          if (escapeWeight < total) width = escapeWeight;
          escapeWeight += ESCAPE_INCREMENT;
          newTotal += ESCAPE_INCREMENT;
          nodes[context + ESCAPE] = escapeWeight;
          nodes[context + TOTAL] = newTotal;
          if (newTotal > MAX_TOTAL) rescale(context);
        } else {
          isFound = true;
          nodes[context + TOTAL] = newTotal;
          if (width > MAX_FREQUENCY || newTotal > MAX_TOTAL) rescale(context);
        }
        context = nodes[context + SUFFIX]!;
      }

      if (lastInChain === 0) firstInChain = node;
      else nodes[lastInChain + SUFFIX] = node;
      lastInChain = node;

      if (width !== 0) {
        range = ((range >>> 0) / total) >>> 0;
        low = (low + Math.imul(start, range)) | 0;
        range = Math.imul(range, width);
        for (;;) {
          if ((low ^ (low + range)) >>> 24 !== 0) {
            if (range >>> 16 !== 0) break;
            range = -low & 0xffff;
          }
          if (out >= outStop) return 0;
          output[out++] = low >>> 24;
          low <<= 8;
          range <<= 8;
        }
      }
    } while (!isFound);

    cursor = firstInChain;
    if (depth === MAX_ORDER) cursor = nodes[cursor + SUFFIX]!;
    else depth++;
    if (nodes[NEXT_FREE]! >= RESET_AT) {
      resetModel();
      cursor = ROOT;
      depth = 0;
    }
  }

  while (low !== 0) {
    if (out >= outStop) return 0;
    output[out++] = low >>> 24;
    low <<= 8;
  }
  return out - outStart;
}

/** enet-protocol 10.4. Stops at the first value outside its table; never writes beyond `outLimit`. */
function decode(
  input: Uint8Array,
  inStart: number,
  inEnd: number,
  output: Uint8Array,
  outStart: number,
  outLimit: number,
): number {
  const nodes = NODES;
  const inStop = Math.min(inEnd, input.length);
  const outStop = Math.min(outStart + outLimit, output.length);
  if (inStart >= inStop) return 0;
  let at = inStart;
  let out = outStart;
  let low = 0;
  let range = -1;
  let code = 0;
  for (let i = 0; i < 4; i++) code = (code << 8) | (at < inStop ? input[at++]! : 0);
  let cursor = ROOT;
  let depth = 0;
  resetModel();

  for (;;) {
    let context = cursor;
    let node = 0;
    let value = 0;
    let isFound = false;
    for (;;) {
      let start = 0;
      let width: number;
      if (context === ROOT) {
        const total = nodes[TOTAL]!;
        range = ((range >>> 0) / total) >>> 0;
        let target = (((code - low) >>> 0) / range) >>> 0;
        if (target === 0) return out - outStart;
        // [H] 10.7: C would go on with the low 16 bits.
        if (target >= total) return 0;
        target--;
        const found = findInRoot(target);
        value = found & 0xff;
        start = 1 + target - (found >> 8);
        node = ROOT_CHILD[value]!;
        if (node === 0) {
          width = 1;
          node = createNode(value, ROOT_INCREMENT);
          ROOT_CHILD[value] = node;
        } else {
          const symbol = nodes[node]!;
          width = 1 + (symbol >> 8);
          nodes[node] = symbol + (ROOT_INCREMENT << 8);
        }
        nodes[TOTAL] = total + ROOT_INCREMENT;
        if (width > ROOT_MAX_FREQUENCY || total + ROOT_INCREMENT > MAX_TOTAL) rescaleRoot();
        isFound = true;
      } else {
        const total = nodes[context + TOTAL]!;
        const escapeWeight = nodes[context + ESCAPE]!;
        if (escapeWeight === 0 || escapeWeight >= total) {
          context = nodes[context + SUFFIX]!;
          continue;
        }
        range = ((range >>> 0) / total) >>> 0;
        let target = (((code - low) >>> 0) / range) >>> 0;
        if (target >= total) return 0;
        if (target < escapeWeight) {
          width = escapeWeight;
          context = nodes[context + SUFFIX]!;
        } else {
          target -= escapeWeight;
          start = escapeWeight;
          node = nodes[context + CHILDREN]!;
          for (;;) {
            // The total is escape plus all counts, so the walk always ends at a child; 0 would be our own mistake.
            if (node === 0) return 0;
            const symbol = nodes[node]!;
            const under = nodes[node + UNDER]!;
            if (target >= under) {
              target -= under;
              start += under;
              node = nodes[node + MORE]!;
              continue;
            }
            nodes[node + UNDER] = under + INCREMENT;
            width = symbol >> 8;
            if (target >= under - width) {
              start += under - width;
              value = symbol & 0xff;
              nodes[node] = symbol + (INCREMENT << 8);
              break;
            }
            node = nodes[node + LESS]!;
          }
          nodes[context + TOTAL] = total + INCREMENT;
          if (width > MAX_FREQUENCY || total + INCREMENT > MAX_TOTAL) rescale(context);
          isFound = true;
        }
      }

      low = (low + Math.imul(start, range)) | 0;
      range = Math.imul(range, width);
      for (;;) {
        if ((low ^ (low + range)) >>> 24 !== 0) {
          if (range >>> 16 !== 0) break;
          range = -low & 0xffff;
        }
        code = (code << 8) | (at < inStop ? input[at++]! : 0);
        low <<= 8;
        range <<= 8;
      }
      if (isFound) break;
    }

    if (out >= outStop) return 0;
    output[out++] = value;

    let firstInChain = 0;
    let lastInChain = 0;
    for (let longer = cursor; longer !== context; longer = nodes[longer + SUFFIX]!) {
      const child = learn(longer, value);
      if (lastInChain === 0) firstInChain = child;
      else nodes[lastInChain + SUFFIX] = child;
      lastInChain = child;
    }
    if (lastInChain === 0) firstInChain = node;
    else nodes[lastInChain + SUFFIX] = node;

    cursor = firstInChain;
    if (depth === MAX_ORDER) cursor = nodes[cursor + SUFFIX]!;
    else depth++;
    if (nodes[NEXT_FREE]! >= RESET_AT) {
      resetModel();
      cursor = ROOT;
      depth = 0;
    }
  }
}

/** The decoder's update of a context in which `value` was not coded (10.4 UPDATE). Returns the child. */
function learn(context: number, value: number): number {
  const nodes = NODES;
  let total = nodes[context + TOTAL]! + INCREMENT;
  let frequency = 0;
  let link = context + CHILDREN;
  let node = nodes[link]!;
  let steps = 0;
  while (node !== 0) {
    const symbol = nodes[node]!;
    const difference = value - (symbol & 0xff);
    if (difference === 0) {
      // Only damaged data gets here: the encoder would not have escaped from a context that knows the value.
      frequency = symbol >> 8;
      nodes[node + UNDER]! += INCREMENT;
      nodes[node] = symbol + (INCREMENT << 8);
      break;
    }
    if (difference < 0) {
      nodes[node + UNDER]! += INCREMENT;
      link = node + LESS;
    } else {
      link = node + MORE;
    }
    node = nodes[link]!;
    steps++;
  }
  if (frequency === 0) {
    node = createNode(value, INCREMENT);
    nodes[link] = node;
    if (steps > MAX_STEPS) rebalance(context);
    nodes[context + ESCAPE]! += ESCAPE_INCREMENT;
    total += ESCAPE_INCREMENT;
  }
  nodes[context + TOTAL] = total;
  if (frequency > MAX_FREQUENCY || total > MAX_TOTAL) rescale(context);
  return node;
}

/** Back to the empty model of 10.2 (also 10.5's reset). */
function resetModel(): void {
  ROOT_TABLES.fill(0);
  NODES[NEXT_FREE] = NODE_SIZE;
  NODES[TOTAL] = 1 + 256;
}

/** Takes the next node of the pool. Its suffix is the root until the caller links it. */
function createNode(value: number, increment: number): number {
  const nodes = NODES;
  const node = nodes[NEXT_FREE]!;
  nodes[NEXT_FREE] = node + NODE_SIZE;
  nodes[node] = value | (increment << 8);
  nodes[node + UNDER] = increment;
  nodes[node + LESS] = 0;
  nodes[node + MORE] = 0;
  nodes[node + CHILDREN] = 0;
  nodes[node + ESCAPE] = 0;
  nodes[node + TOTAL] = 0;
  nodes[node + SUFFIX] = ROOT;
  return node;
}

/**
 * Adds one occurrence of `value` to the root's sums and returns the sum of the counts of all smaller values, before
 * the change. Unrolled, and without branches: which way a bit goes cannot be predicted.
 */
function addToRoot(value: number): number {
  const left = ROOT_LEFT;
  const leaf = value | 256;
  let sum = 0;
  let bit = (value >> 7) & 1;
  let held = left[1]!;
  sum += held & -bit;
  left[1] = held + (ROOT_INCREMENT & (bit - 1));
  let at = leaf >> 7;
  bit = (value >> 6) & 1;
  held = left[at]!;
  sum += held & -bit;
  left[at] = held + (ROOT_INCREMENT & (bit - 1));
  at = leaf >> 6;
  bit = (value >> 5) & 1;
  held = left[at]!;
  sum += held & -bit;
  left[at] = held + (ROOT_INCREMENT & (bit - 1));
  at = leaf >> 5;
  bit = (value >> 4) & 1;
  held = left[at]!;
  sum += held & -bit;
  left[at] = held + (ROOT_INCREMENT & (bit - 1));
  at = leaf >> 4;
  bit = (value >> 3) & 1;
  held = left[at]!;
  sum += held & -bit;
  left[at] = held + (ROOT_INCREMENT & (bit - 1));
  at = leaf >> 3;
  bit = (value >> 2) & 1;
  held = left[at]!;
  sum += held & -bit;
  left[at] = held + (ROOT_INCREMENT & (bit - 1));
  at = leaf >> 2;
  bit = (value >> 1) & 1;
  held = left[at]!;
  sum += held & -bit;
  left[at] = held + (ROOT_INCREMENT & (bit - 1));
  at = leaf >> 1;
  bit = value & 1;
  held = left[at]!;
  sum += held & -bit;
  left[at] = held + (ROOT_INCREMENT & (bit - 1));
  return sum;
}

/**
 * Finds the byte value whose interval in the root holds `target` (0 .. total - 2, the escape already taken off), and
 * adds one occurrence of it to the root's sums.
 *
 * @returns the value in the low 8 bits; above them, how far into its interval the target lies.
 */
function findInRoot(target: number): number {
  const left = ROOT_LEFT;
  let rest = target;
  let at = 1;
  for (let half = 128; half > 0; half >>= 1) {
    const held = left[at]!;
    const below = held + half;
    at *= 2;
    if (rest >= below) {
      rest -= below;
      at++;
    } else {
      left[at >> 1] = held + ROOT_INCREMENT;
    }
  }
  return (rest << 8) | (at & 0xff);
}

/** 10.5 for the root. Its escape weight is 1 and stays 1. */
function rescaleRoot(): void {
  const nodes = NODES;
  let sum = 0;
  ROOT_LEFT.fill(0);
  for (let value = 0; value < 256; value++) {
    const node = ROOT_CHILD[value]!;
    if (node === 0) continue;
    const symbol = nodes[node]!;
    const count = (symbol >> 8) - (symbol >> 9);
    nodes[node] = value | (count << 8);
    sum += count;
    for (let at = value | 256; at > 1; at >>= 1) if ((at & 1) === 0) ROOT_LEFT[at >> 1]! += count;
  }
  nodes[TOTAL] = 1 + 256 + sum;
}

/** 10.5 for the other contexts. */
function rescale(context: number): void {
  const nodes = NODES;
  const escapeWeight = nodes[context + ESCAPE]!;
  const halved = escapeWeight - (escapeWeight >> 1);
  nodes[context + ESCAPE] = halved;
  nodes[context + TOTAL] = halved + recount(nodes[context + CHILDREN]!, 1);
}

/** Takes `count >> shift` from each count of a tree and renews its sums. Returns the sum of the counts. */
function recount(node: number, shift: number): number {
  if (node === 0) return 0;
  const nodes = NODES;
  const symbol = nodes[node]!;
  const count = (symbol >> 8) - ((symbol >> 8) >> shift);
  const under = recount(nodes[node + LESS]!, shift) + count;
  nodes[node] = (symbol & 0xff) | (count << 8);
  nodes[node + UNDER] = under;
  return under + recount(nodes[node + MORE]!, shift);
}

/**
 * [H] Bytes that arrive sorted make the tree a list of up to 256 steps. The shape is invisible in the output
 * (10.2), so a tree that got too deep is built anew with at most 9 levels: no datagram can cost much more than another.
 */
function rebalance(context: number): void {
  const root = NODES[context + CHILDREN]!;
  NODES[context + CHILDREN] = buildTree(0, listInOrder(root, 0));
  recount(NODES[context + CHILDREN]!, KEEP_COUNTS);
}

function listInOrder(node: number, length: number): number {
  if (node === 0) return length;
  const at = listInOrder(NODES[node + LESS]!, length);
  IN_ORDER[at] = node;
  return listInOrder(NODES[node + MORE]!, at + 1);
}

function buildTree(from: number, to: number): number {
  if (from >= to) return 0;
  const middle = (from + to) >> 1;
  const node = IN_ORDER[middle]!;
  NODES[node + LESS] = buildTree(from, middle);
  NODES[node + MORE] = buildTree(middle + 1, to);
  return node;
}

// 10.1
const MAX_ORDER = 2;
const INCREMENT = 2;
const ESCAPE_INCREMENT = 5;
const MAX_FREQUENCY = 251;
const ROOT_INCREMENT = 3;
const ROOT_MAX_FREQUENCY = 250;
const MAX_TOTAL = 0xff00;

// A node is eight 16-bit fields; it is named by the offset of its first one. Offset 0 is the root, and as a link it
// means "none", since the root is nobody's child.
const NODE_SIZE = 8;
const ROOT = 0;
/** Field 0: byte value in the low half, `count` in the high half; in the root, the offset of the next free node. */
const NEXT_FREE = 0;
/** Own count plus the counts of the left subtree. */
const UNDER = 1;
const LESS = 2;
const MORE = 3;
/** Top of the search tree of this context's children; the root has {@link ROOT_CHILD} instead. */
const CHILDREN = 4;
const ESCAPE = 5;
const TOTAL = 6;
const SUFFIX = 7;

const RESET_AT = 4094 * NODE_SIZE;
const MAX_STEPS = 24;
/** A shift that takes nothing away from an 8-bit count. */
const KEEP_COUNTS = 8;

const NODES: Uint16Array = new Uint16Array(4096 * NODE_SIZE);
/** Both tables of the root, so that one call resets them. */
const ROOT_TABLES: Uint16Array = new Uint16Array(512);
/** The root's children by byte value. */
const ROOT_CHILD: Uint16Array = ROOT_TABLES.subarray(0, 256);
/**
 * The root's sums: a complete binary tree over the 256 byte values. Entry 1 is the top, the halves of entry i are
 * 2i and 2i + 1, and an entry holds the sum of the counts in its lower half.
 */
const ROOT_LEFT: Uint16Array = ROOT_TABLES.subarray(256);
const IN_ORDER: Uint16Array = new Uint16Array(256);
