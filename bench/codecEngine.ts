/** The engine's own codec, for `codec.ts`: its web build, the one that npm installs. A native engine is faster. */
import { readFileSync } from 'node:fs';
import { Godot4 } from '../test/interop/godot4/engine.ts';

/** What the engine takes for one payload. */
export interface EngineFigures {
  readonly payload: string;
  /** What it encodes it to, hex. */
  readonly bytes: string;
  /** Nanoseconds, the best of some rounds. */
  readonly encode: number;
  /** Nanoseconds, the best of some rounds. */
  readonly decode: number;
}

/** Runs `codecEngine.gd`. */
export async function measureEngineCodec(): Promise<readonly EngineFigures[]> {
  const godot = await Godot4.open();
  try {
    const files = { 'main.gd': readFileSync(new URL('codecEngine.gd', import.meta.url), 'utf8') };
    const { reports, output } = await godot.run({ files, timeoutMs: 120_000 });
    if (reports.length === 0) throw new Error(`the engine measured nothing\n${output.join('\n')}`);
    return reports.map((report) => JSON.parse(report) as EngineFigures);
  } finally {
    await godot.close();
  }
}
