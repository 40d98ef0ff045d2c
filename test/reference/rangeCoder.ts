/**
 * The slow twin of src/enet/compress/rangeCoder.ts: enet-protocol 10.2 to 10.5, line by line, with maps and sums.
 * Only for tests.
 */

interface Node {
  count: number;
  escape: number;
  total: number;
  readonly children: Map<number, Node>;
  suffix: Node | undefined;
}

class Model {
  root: Node;
  nodes: number;
  cursor: Node;
  depth: number;
  /** How often 10.5 reset the model; for tests that want to know that they got there. */
  resets: number = 0;

  constructor() {
    this.root = newRoot();
    this.cursor = this.root;
    this.nodes = 1;
    this.depth = 0;
  }

  base(ctx: Node): number {
    return ctx === this.root ? 1 : 0;
  }

  freq(ctx: Node, v: number): number {
    return this.base(ctx) + (ctx.children.get(v)?.count ?? 0);
  }

  low(ctx: Node, v: number): number {
    let sum = this.base(ctx) * v;
    for (const [u, child] of ctx.children) if (u < v) sum += child.count;
    return sum;
  }

  /** child(ctx, v), created if missing, else its count grows. */
  touch(ctx: Node, v: number): Node {
    const increment = ctx === this.root ? 3 : 2;
    const known = ctx.children.get(v);
    if (known !== undefined) {
      known.count += increment;
      return known;
    }
    const node = { count: increment, escape: 0, total: 0, children: new Map(), suffix: this.root };
    ctx.children.set(v, node);
    this.nodes += 1;
    return node;
  }

  rescale(ctx: Node): void {
    let sum = 0;
    for (const child of ctx.children.values()) {
      child.count -= child.count >> 1;
      sum += child.count;
    }
    ctx.escape -= ctx.escape >> 1;
    ctx.total = ctx.escape + 256 * this.base(ctx) + sum;
  }

  finishByte(chain: Node[]): void {
    for (let i = 0; i <= chain.length - 2; i++) (chain[i] as Node).suffix = chain[i + 1];
    this.cursor = chain[0] as Node;
    if (this.depth === 2) this.cursor = this.cursor.suffix as Node;
    else this.depth += 1;
    if (this.nodes >= 4094) {
      this.root = newRoot();
      this.nodes = 1;
      this.cursor = this.root;
      this.depth = 0;
      this.resets += 1;
    }
  }
}

function newRoot(): Node {
  return { count: 0, escape: 1, total: 257, children: new Map(), suffix: undefined };
}

/** What the twin says about one input. */
export interface TwinResult {
  /** The output; empty when the coder declines. */
  readonly bytes: Uint8Array;
  /** How often the model was reset (10.5). */
  readonly resets: number;
}

/** 10.3. */
export function twinCompress(input: Uint8Array, outLimit: number): TwinResult {
  const model = new Model();
  const out: number[] = [];
  let low = 0;
  let range = 0xffffffff;

  const put = (start: number, width: number, total: number): void => {
    range = Math.floor(range / total);
    low = (low + start * range) % 2 ** 32;
    range = (range * width) % 2 ** 32;
    for (;;) {
      if ((low ^ ((low + range) % 2 ** 32)) >>> 0 >= 2 ** 24) {
        if (range >= 2 ** 16) break;
        range = (2 ** 32 - low) % 2 ** 16;
      }
      out.push(Math.floor(low / 2 ** 24));
      low = (low * 256) % 2 ** 32;
      range = (range * 256) % 2 ** 32;
    }
  };

  for (const v of input) {
    const chain: Node[] = [];
    let found = false;
    let ctx = model.cursor;
    while (ctx !== model.root) {
      const f = model.freq(ctx, v);
      const l = model.low(ctx, v);
      const T = ctx.total;
      chain.push(model.touch(ctx, v));
      if (f > 0) {
        put(ctx.escape + l, f, T);
      } else {
        if (ctx.escape > 0 && ctx.escape < T) put(0, ctx.escape, T);
        ctx.escape += 5;
        ctx.total += 5;
      }
      ctx.total += 2;
      if (f > 251 || ctx.total > 65280) model.rescale(ctx);
      if (f > 0) {
        found = true;
        break;
      }
      ctx = ctx.suffix as Node;
    }
    if (!found) {
      const root = model.root;
      const f = model.freq(root, v);
      const l = model.low(root, v);
      const T = root.total;
      chain.push(model.touch(root, v));
      put(root.escape + l, f, T);
      root.total += 3;
      if (f > 250 || root.total > 65280) model.rescale(root);
    }
    model.finishByte(chain);
  }
  while (low !== 0) {
    out.push(Math.floor(low / 2 ** 24));
    low = (low * 256) % 2 ** 32;
  }
  return { bytes: out.length > outLimit ? new Uint8Array(0) : Uint8Array.from(out), resets: model.resets };
}

/** 10.4, with the [H] rule of 10.7. */
export function twinDecompress(input: Uint8Array, outLimit: number): TwinResult {
  const failure = { bytes: new Uint8Array(0), resets: 0 };
  if (input.length === 0) return failure;
  const model = new Model();
  const out: number[] = [];
  let at = 0;
  const next = (): number => input[at++] ?? 0;
  let low = 0;
  let range = 0xffffffff;
  let code = 0;
  for (let i = 0; i < 4; i++) code = code * 256 + next();

  const read = (total: number): number => {
    range = Math.floor(range / total);
    return Math.floor(((code - low + 2 ** 32) % 2 ** 32) / range);
  };
  const take = (start: number, width: number): void => {
    low = (low + start * range) % 2 ** 32;
    range = (range * width) % 2 ** 32;
    for (;;) {
      if ((low ^ ((low + range) % 2 ** 32)) >>> 0 >= 2 ** 24) {
        if (range >= 2 ** 16) break;
        range = (2 ** 32 - low) % 2 ** 16;
      }
      code = ((code * 256) % 2 ** 32) + next();
      low = (low * 256) % 2 ** 32;
      range = (range * 256) % 2 ** 32;
    }
  };
  const valueAt = (ctx: Node, x: number): number => {
    for (let v = 0; v < 256; v++) {
      const l = model.low(ctx, v);
      if (l <= x && x < l + model.freq(ctx, v)) return v;
    }
    return -1;
  };

  for (;;) {
    let foundCtx: Node | undefined;
    let foundNode: Node | undefined;
    let v = -1;
    let ctx = model.cursor;
    while (ctx !== model.root) {
      if (ctx.escape === 0 || ctx.escape >= ctx.total) {
        ctx = ctx.suffix as Node;
        continue;
      }
      const x = read(ctx.total);
      if (x < ctx.escape) {
        take(0, ctx.escape);
        ctx = ctx.suffix as Node;
        continue;
      }
      v = valueAt(ctx, x - ctx.escape);
      if (v < 0) return failure;
      const f = model.freq(ctx, v);
      const l = model.low(ctx, v);
      foundNode = model.touch(ctx, v);
      take(ctx.escape + l, f);
      ctx.total += 2;
      if (f > 251 || ctx.total > 65280) model.rescale(ctx);
      foundCtx = ctx;
      break;
    }
    if (foundCtx === undefined) {
      const root = model.root;
      const x = read(root.total);
      if (x < root.escape) return { bytes: Uint8Array.from(out), resets: model.resets };
      v = valueAt(root, x - root.escape);
      if (v < 0) return failure;
      const f = model.freq(root, v);
      const l = model.low(root, v);
      foundNode = model.touch(root, v);
      take(root.escape + l, f);
      root.total += 3;
      if (f > 250 || root.total > 65280) model.rescale(root);
      foundCtx = root;
    }
    const chain: Node[] = [];
    for (let longer = model.cursor; longer !== foundCtx; longer = longer.suffix as Node) {
      const f = model.freq(longer, v);
      chain.push(model.touch(longer, v));
      if (f === 0) {
        longer.escape += 5;
        longer.total += 5;
      }
      longer.total += 2;
      if (f > 251 || longer.total > 65280) model.rescale(longer);
    }
    chain.push(foundNode as Node);
    if (out.length >= outLimit) return failure;
    out.push(v);
    model.finishByte(chain);
  }
}
